import { type InventoryItem, jumpsOf } from './entry.ts';

export type Vars = Readonly<Record<string, string>>;

/** `www[01:50].example` as Ansible writes ranges; letters too. Gives null where it stands for more than `most`. */
export function expandAnsible(pattern: string, most: number): readonly string[] | null {
  const found = /\[(\d+|[a-z]):(\d+|[a-z])(?::(\d+))?\]/.exec(pattern);
  if (found === null) return [pattern];
  const [whole, first = '', last = '', step = '1'] = found;
  const isNumber = /^\d/.test(first);
  const [from, to] = isNumber ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)];
  if (!((to - from) / Math.max(1, Number(step)) < most)) return null;
  const [before, after] = [pattern.slice(0, found.index), pattern.slice(found.index + whole.length)];
  const rest = expandAnsible(after, most);
  if (rest === null) return null;
  const names: string[] = [];
  for (let at = from; at <= to; at += Math.max(1, Number(step))) {
    const head = isNumber ? String(at).padStart(first.length, '0') : String.fromCharCode(at);
    for (const tail of rest) names.push(`${before}${head}${tail}`);
    if (names.length > most) return null;
  }
  return names;
}

const jumpIn = (args: string | undefined): string | undefined =>
  args === undefined
    ? undefined
    : (/(?:^|\s)-J\s*(\S+)/.exec(args)?.[1] ?? /ProxyJump[= ](\S+?)["']?(?:\s|$)/i.exec(args)?.[1]);

/** One host with all that counts for it. */
export function ansibleHost(name: string, line: number, vars: Vars): InventoryItem {
  const connection = vars['ansible_connection'];
  if (connection !== undefined && !/^(ssh|smart|paramiko)$/.test(connection))
    return { line, text: name, fault: `${name}: ansible_connection is ${connection}, not SSH` };
  const args = [vars['ansible_ssh_common_args'], vars['ansible_ssh_extra_args']];
  if (args.some((each) => /ProxyCommand/i.test(each ?? '')))
    return { line, text: name, fault: `${name}: has a ProxyCommand, which is not run; use ProxyJump` };
  const value = (...names: readonly string[]) =>
    names.map((each) => vars[each]).find((each) => each !== undefined);
  const values = [
    value('ansible_host', 'ansible_ssh_host') ?? name,
    value('ansible_user', 'ansible_ssh_user') ?? null,
    value('ansible_port', 'ansible_ssh_port') ?? null,
  ] as const;
  const template = values.find((each) => each?.includes('{{') === true);
  if (template !== undefined)
    return { line, text: name, fault: `${name}: ${template} is a template, which is not filled in here` };
  const [address, user, port] = values;
  return { line, name, address, user, port, jumps: jumpsOf(jumpIn(args[0]) ?? jumpIn(args[1])) };
}

export interface Group {
  readonly name: string;
  readonly vars: Vars;
  readonly children: readonly string[];
  readonly hosts: readonly { readonly name: string; readonly line: number; readonly vars: Vars }[];
}

/** The vars that groups give a host: `all` first, then from the outermost group to the innermost, later ones win. */
export function hostsOfGroups(groups: ReadonlyMap<string, Group>): readonly InventoryItem[] {
  const found = new Map<
    string,
    { line: number; vars: Record<string, string>; own: Record<string, string> }
  >();
  const visit = (name: string, inherited: Vars, above: readonly string[]): void => {
    const group = groups.get(name);
    if (group === undefined || above.includes(name)) return;
    const vars = { ...inherited, ...group.vars };
    for (const host of group.hosts) {
      const known = found.get(host.name) ?? { line: host.line, vars: {}, own: {} };
      Object.assign(known.vars, vars);
      Object.assign(known.own, host.vars);
      found.set(host.name, known);
    }
    for (const child of group.children) visit(child, vars, [...above, name]);
  };
  const inner = new Set([...groups.values()].flatMap(({ children }) => children));
  const base = groups.get('all')?.vars ?? {};
  for (const name of groups.keys()) if (!inner.has(name)) visit(name, base, []);
  return [...found].map(([name, { line, vars, own }]) => ansibleHost(name, line, { ...vars, ...own }));
}
