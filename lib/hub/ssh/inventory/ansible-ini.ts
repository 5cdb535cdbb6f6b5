import { expandAnsible, type Group, hostsOfGroups } from './ansible.ts';
import type { InventoryItem } from './entry.ts';

interface Growing {
  name: string;
  vars: Record<string, string>;
  children: string[];
  hosts: { name: string; line: number; vars: Record<string, string> }[];
}

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;

/** `key=value` words, values in quotes where they have spaces. */
function varsIn(text: string): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [, key = '', value = ''] of text.matchAll(/([\w.-]+)=("[^"]*"|'[^']*'|\S*)/g))
    vars[key] = unquoted(value);
  return vars;
}

/** An INI inventory of Ansible: hosts, ranges, groups of groups, and their vars. */
export function readAnsibleIni(text: string, most: number): readonly InventoryItem[] {
  const groups = new Map<string, Growing>();
  const groupOf = (name: string): Growing => {
    const group = groups.get(name) ?? { name, vars: {}, children: [], hosts: [] };
    groups.set(name, group);
    return group;
  };
  const faults: InventoryItem[] = [];
  let [section, kind] = ['ungrouped', 'hosts'];
  for (const [index, whole] of text.split('\n').entries()) {
    const line = index + 1;
    const plain = whole.replace(/(^|\s)[#;].*$/, '').trim();
    if (plain === '') continue;
    const head = /^\[([^\]:]+)(?::(vars|children))?\]$/.exec(plain);
    if (head !== null) {
      [section, kind] = [head[1] ?? '', head[2] ?? 'hosts'];
      groupOf(section);
    } else if (kind === 'children') groupOf(section).children.push(plain);
    else if (kind === 'vars') {
      const at = plain.indexOf('=');
      if (at > 0) groupOf(section).vars[plain.slice(0, at).trim()] = unquoted(plain.slice(at + 1).trim());
      else faults.push({ line, text: plain.slice(0, 200), fault: 'is no name=value' });
    } else {
      const [, pattern = '', rest = ''] = /^(\S+)(.*)$/.exec(plain) ?? [];
      const names = expandAnsible(pattern, most);
      if (names === null)
        faults.push({ line, text: plain.slice(0, 200), fault: `stands for more than ${most} hosts` });
      for (const name of names ?? []) groupOf(section).hosts.push({ name, line, vars: varsIn(rest) });
    }
  }
  return [...faults, ...hostsOfGroups(groups as ReadonlyMap<string, Group>)];
}
