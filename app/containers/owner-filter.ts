import { notTold, type OwnerRow } from '../../lib/model/index.ts';

/** Parameters of the address and of GET /api/v1/owners alike; each asks for exactly one value. */
export const ownerFacts = ['runtime', 'image', 'person', 'namespace', 'host'] as const;
export type OwnerFact = (typeof ownerFacts)[number];

export const factLabels: Readonly<Record<OwnerFact, string>> = {
  runtime: 'Kind',
  image: 'Image',
  person: 'User',
  namespace: 'Namespace',
  host: 'Host',
};

const readers: Readonly<Record<OwnerFact, (row: OwnerRow) => string | null>> = {
  runtime: (row) => row.runtime,
  image: (row) => row.image,
  person: (row) => row.person?.name ?? null,
  namespace: (row) => row.namespace,
  host: (row) => row.hostname,
};

/** Empty texts ask for nothing. */
export type AskedFacts = Readonly<Record<OwnerFact, string>>;

export interface OwnerFilter {
  readonly words: readonly string[];
  readonly facts: AskedFacts;
}

export const readWords = (text: string): readonly string[] =>
  text.trim().toLowerCase().split(/\s+/).filter(Boolean);

const texts = new WeakMap<OwnerRow, string>();

/** What a row is found by, in lower case, made once. */
function textOf(row: OwnerRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const { name, key, image, hostname, runtime, cudaVersion, namespace, pod, state, person, group } = row;
  const parts = [
    name,
    key,
    image,
    hostname,
    runtime,
    cudaVersion,
    namespace,
    pod,
    state,
    person?.name,
    group,
  ];
  const text = parts.join('\n').toLowerCase();
  texts.set(row, text);
  return text;
}

export function matchesOwner(row: OwnerRow, { words, facts }: OwnerFilter): boolean {
  for (const fact of ownerFacts) {
    const asked = facts[fact];
    if (asked !== '' && (readers[fact](row) ?? notTold) !== asked) return false;
  }
  if (words.length === 0) return true;
  const text = textOf(row);
  return words.every((word) => text.includes(word));
}

export interface FactOption {
  readonly value: string;
  readonly owners: number;
}

const mostOptions = 500;

/** What there is to choose from, the commonest first; what is asked for stays in it. */
export function factOptions(
  rows: readonly OwnerRow[],
  fact: OwnerFact,
  asked: string,
): readonly FactOption[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = readers[fact](row) ?? notTold;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const options = [...counts].map(([value, owners]) => ({ value, owners }));
  options.sort((a, b) => b.owners - a.owners || (a.value < b.value ? -1 : 1));
  const shown = options.slice(0, mostOptions);
  if (asked === '' || shown.some(({ value }) => value === asked)) return shown;
  return [{ value: asked, owners: counts.get(asked) ?? 0 }, ...shown];
}
