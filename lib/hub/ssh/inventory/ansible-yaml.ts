import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { expandAnsible, type Group, hostsOfGroups } from './ansible.ts';
import type { InventoryItem } from './entry.ts';

const deepest = 50;

const textOf = (node: unknown): string | null =>
  isScalar(node) && node.value !== null ? String(node.value) : null;

function entriesOf(map: unknown): readonly (readonly [string, unknown, Node | null])[] {
  if (!isMap(map)) return [];
  return (map as YAMLMap).items.flatMap(({ key, value }) => {
    const name = textOf(key);
    return name === null ? [] : [[name, value, key as Node] as const];
  });
}

const varsOf = (map: unknown): Record<string, string> =>
  Object.fromEntries(
    entriesOf(map).flatMap(([name, value]) => {
      const text = textOf(value);
      return text === null ? [] : [[name, text] as const];
    }),
  );

/** A YAML inventory of Ansible: groups with `hosts`, `vars` and `children`. Aliases and merges are not followed. */
export function readAnsibleYaml(text: string, most: number): readonly InventoryItem[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, schema: 'failsafe', prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined)
    return [
      { line: counter.linePos(error.pos[0]).line, text: '', fault: error.message.split('\n')[0] ?? '' },
    ];
  const lineOf = (node: Node | null): number => counter.linePos(node?.range?.[0] ?? 0).line;
  const groups = new Map<string, Group>();
  const faults: InventoryItem[] = [];
  const take = (name: string, body: unknown, depth: number): void => {
    if (depth > deepest) return;
    const parts = new Map(entriesOf(body).map(([key, value]) => [key, value]));
    const children = entriesOf(parts.get('children'));
    const hosts = entriesOf(parts.get('hosts')).flatMap(([pattern, vars, key]) => {
      const names = expandAnsible(pattern, most);
      const line = lineOf(key);
      if (names === null) faults.push({ line, text: pattern, fault: `stands for more than ${most} hosts` });
      return (names ?? []).map((each) => ({ name: each, line, vars: varsOf(vars) }));
    });
    const before = groups.get(name);
    groups.set(name, {
      name,
      vars: { ...before?.vars, ...varsOf(parts.get('vars')) },
      children: [...(before?.children ?? []), ...children.map(([child]) => child)],
      hosts: [...(before?.hosts ?? []), ...hosts],
    });
    for (const [child, value] of children) take(child, value, depth + 1);
  };
  for (const [name, body] of entriesOf(document.contents)) take(name, body, 0);
  return [...faults, ...hostsOfGroups(groups)];
}
