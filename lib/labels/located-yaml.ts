import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';

export type LocatedYaml =
  | {
      readonly ok: true;
      /** Every scalar as it is written: `580.10` stays `580.10`, and nothing turns into a number or a date. */
      readonly value: unknown;
      /** 1-based line of what a path of keys leads to; of its key where it has one. */
      readonly lineOf: (path: readonly PropertyKey[]) => number;
    }
  | { readonly ok: false; readonly line: number; readonly message: string };

const maxAliases = 100;

/** Reads YAML and keeps where everything stands, so that a fault can name its line. Never throws. */
export function readLocatedYaml(text: string): LocatedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined)
    return { ok: false, line: lines.linePos(fault.pos[0]).line, message: oneLine(fault.message) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    return { ok: true, value, lineOf: (path) => lines.linePos(offsetOf(document, path)).line };
  } catch (error) {
    return { ok: false, line: 1, message: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
    if (pair === undefined) break;
    if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}

const oneLine = (text: string): string => text.split('\n', 1)[0] ?? '';
