import type { RawFields, RawText } from '../model/index.ts';
import { splitLine } from './query-gpu/columns.ts';
import { queryFieldOf, throttleReasonOf } from './query-gpu/fields.ts';
import { readValue } from './values.ts';
import { rawGpuFields } from './xml/raw.ts';
import { readXmlLog } from './xml/tree.ts';

export interface RawDocument {
  /** By uuid; a GPU that prints none is left out. */
  readonly gpus: ReadonlyMap<string, RawFields>;
  readonly driverVersion: RawText | null;
  readonly cudaVersion: RawText | null;
}

/** The texts behind what parseSmiXml() reads from the same document. Never throws. */
export function rawSmiXml(text: string): RawDocument {
  const start = Math.max(0, text.search(/<(?:\?xml|!DOCTYPE|nvidia_smi_log)/));
  const log = readXmlLog(text.slice(start));
  const head = (...names: readonly string[]): RawText | null => {
    for (const name of names) {
      const told = log.head.get(name);
      if (told !== undefined && !/^deprecated/i.test(told) && readValue(told, 'text').kind === 'value')
        return { form: 'xml', name: `/${name}`, text: told };
    }
    return null;
  };
  const gpus = new Map<string, RawFields>();
  for (const { node, id } of log.gpus) {
    const fields = rawGpuFields(node, id);
    const uuid = fields['uuid']?.text;
    if (uuid !== undefined) gpus.set(uuid, fields);
  }
  return {
    gpus,
    driverVersion: head('driver_version', 'kmd_version'),
    cudaVersion: head('cuda_umd_version', 'cuda_version'),
  };
}

/** The texts behind one line of `--query-gpu`, by the columns that were asked for. Empty for a line of other columns. */
export function rawQueryRow(columns: readonly string[], line: string): RawFields {
  const cells = splitLine(line.trim());
  if (cells.length !== columns.length) return {};
  const fields: Record<string, RawText> = {};
  const ranks = new Map<string, number>();
  columns.forEach((name, position) => {
    const text = cells[position] ?? '';
    const field = queryFieldOf(name);
    const to = throttleReasonOf(name) === 'active' ? 'throttleReasons' : field?.to;
    if (to === undefined) return;
    const isValue = readValue(text, field?.as ?? 'text').kind === 'value';
    const rank = isValue ? (field?.rank ?? 0) : Number.POSITIVE_INFINITY;
    const present = ranks.get(to);
    if (present !== undefined && present <= rank) return;
    ranks.set(to, rank);
    fields[to] = { form: 'query', name, text };
  });
  return fields;
}
