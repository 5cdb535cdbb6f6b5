import { type InventoryItem, jumpsOf } from './entry.ts';

interface Block {
  /** Null: for every host. */
  readonly patterns: readonly string[] | null;
  readonly line: number;
  readonly options: Map<string, string>;
  /** Of the first ProxyCommand; those are not run. */
  commandLine: number | null;
}

const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');
const isGlob = (pattern: string): boolean => /[*?!]/.test(pattern);

function matches(pattern: string, name: string): boolean {
  const source = escaped(pattern).replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'i').test(name);
}

function isFor({ patterns }: Block, name: string): boolean {
  if (patterns === null) return true;
  const isOut = patterns.some((each) => each.startsWith('!') && matches(each.slice(1), name));
  return !isOut && patterns.some((each) => !each.startsWith('!') && matches(each, name));
}

const words = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** The hosts that an ssh_config names; those of patterns alone are none. The first value of an option counts. */
export function readSshConfig(text: string): readonly InventoryItem[] {
  const blocks: Block[] = [{ patterns: null, line: 0, options: new Map(), commandLine: null }];
  const faults: InventoryItem[] = [];
  for (const [index, whole] of text.split('\n').entries()) {
    const found = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(whole);
    if (found === null) continue;
    const [, option = '', rest = ''] = found;
    const line = index + 1;
    const block = blocks.at(-1);
    const name = option.toLowerCase();
    if (name === 'host') blocks.push({ patterns: words(rest), line, options: new Map(), commandLine: null });
    else if (name === 'match') {
      const isAll = rest.toLowerCase() === 'all';
      blocks.push({ patterns: isAll ? null : [], line, options: new Map(), commandLine: null });
    } else if (name === 'include')
      faults.push({ line, text: whole.trim(), fault: 'Include is not followed' });
    else if (block !== undefined) {
      if (name === 'proxycommand' && rest.toLowerCase() !== 'none') block.commandLine ??= line;
      if (!block.options.has(name)) block.options.set(name, words(rest)[0] ?? '');
    }
  }
  const seen = new Set<string>();
  const hosts = blocks.flatMap((block) =>
    (block.patterns ?? []).flatMap((name): readonly InventoryItem[] => {
      if (isGlob(name) || seen.has(name.toLowerCase())) return [];
      seen.add(name.toLowerCase());
      return [
        hostOf(
          name,
          block.line,
          blocks.filter((each) => isFor(each, name)),
        ),
      ];
    }),
  );
  return [...faults, ...hosts];
}

function hostOf(name: string, line: number, own: readonly Block[]): InventoryItem {
  const first = (option: string): string | undefined =>
    own.map(({ options }) => options.get(option)).find((value) => value !== undefined);
  if (own.some(({ commandLine }) => commandLine !== null))
    return { line, text: name, fault: `${name}: has a ProxyCommand, which is not run; use ProxyJump` };
  const address = (first('hostname') ?? name).replaceAll('%h', name).replaceAll('%%', '%');
  return {
    line,
    name,
    address,
    user: first('user') ?? null,
    port: first('port') ?? null,
    jumps: jumpsOf(first('proxyjump')),
  };
}
