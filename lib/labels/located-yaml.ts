import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** 1-based. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlFault extends YamlPlace {
  readonly message: string;
}

export type LocatedYaml =
  | {
      readonly ok: true;
      /** Every scalar as it is written: `580.10` stays `580.10`, and nothing turns into a number or a date. */
      readonly value: unknown;
      /** Where what a path of keys leads to stands: its text, or its key where it is a map or a list. */
      readonly placeOf: (path: readonly PropertyKey[]) => YamlPlace;
      /** Where the last key of a path stands. */
      readonly keyPlaceOf: (path: readonly PropertyKey[]) => YamlPlace;
    }
  | { readonly ok: false; readonly faults: readonly [YamlFault, ...YamlFault[]] };

const maxAliases = 100;
/** The library's own words name a function of it. */
const severalDocuments = 'A second document begins here (---); only one is read from a file';

/** Reads YAML and keeps where everything stands, so that a fault can name its line and column. Never throws. */
export function readLocatedYaml(text: string): LocatedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [fault, ...more] = [...document.errors, ...document.warnings].map(
    ({ pos, code, message }): YamlFault => ({
      ...placeAt(pos[0]),
      message: code === 'MULTIPLE_DOCS' ? severalDocuments : oneLine(message),
    }),
  );
  if (fault !== undefined) return { ok: false, faults: [fault, ...more] };
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    return {
      ok: true,
      value,
      placeOf: (path) => placeAt(offsetsOf(document, path).value),
      keyPlaceOf: (path) => placeAt(offsetsOf(document, path).key),
    };
  } catch (error) {
    const message = oneLine(error instanceof Error ? error.message : String(error));
    return { ok: false, faults: [{ line: 1, column: 1, message }] };
  }
}

function offsetsOf(document: Document, path: readonly PropertyKey[]): { key: number; value: number } {
  let node: unknown = document.contents;
  let key = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && each.key.value === String(step));
      if (pair === undefined) break;
      if (isScalar(pair.key)) key = pair.key.range?.[0] ?? key;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      key = item?.range?.[0] ?? key;
      node = item;
    } else break;
  }
  // A key with nothing behind it has an empty text somewhere after it.
  const isText = isScalar(node) && node.source !== undefined && node.source !== '';
  const isQuoted = isScalar(node) && node.type !== 'PLAIN';
  return { key, value: (isText || isQuoted) && isScalar(node) ? (node.range?.[0] ?? key) : key };
}

const oneLine = (text: string): string => text.split('\n', 1)[0] ?? '';
