import type { NewField } from '../../model/index.ts';
import { eachLine } from '../plain-text.ts';
import { readValue } from '../values.ts';
import { splitLine } from './columns.ts';

/**
 * Reads an answer of `--query-gpu=uuid,…` whose other columns gpufleet has no place for: by uuid, what each is as printed.
 * A GPU's fields that are not available are left out, and so is a row that has no end, or other cells than the head.
 * Never throws.
 */
export function parseNewFields(text: string): ReadonlyMap<string, readonly NewField[]> {
  const found = new Map<string, readonly NewField[]>();
  let names: readonly string[] | null = null;
  for (const { text: line, isEnded } of eachLine(text)) {
    const cells = splitLine(line);
    if (names === null) {
      if (cells[0] === 'uuid' && cells.length > 1) names = cells;
      continue;
    }
    const [uuid = ''] = cells;
    if (!isEnded || cells.length !== names.length || !uuid.startsWith('GPU-')) continue;
    const fields = names.flatMap((head, at) => {
      const reading = readValue(cells[at] ?? '', 'text');
      const name = head.replace(/\s*\[.*$/, '');
      return at > 0 && reading.kind === 'value' ? [{ name, value: String(reading.value) }] : [];
    });
    found.set(uuid, fields);
  }
  return found;
}
