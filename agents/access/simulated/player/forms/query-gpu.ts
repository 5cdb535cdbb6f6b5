import { fieldText, headerName, type QueryField } from '../fields.ts';
import type { GpuScene, Scene } from '../scene.ts';

export interface CsvFormat {
  readonly header: boolean;
  readonly units: boolean;
}

export const csvHeader = (fields: readonly QueryField[], branch: number): string =>
  `${fields.map((entry) => headerName(entry, branch)).join(', ')}\n`;

const numeric = /^-?\d+(?:\.\d+)?/;

/** From the XML's text to the cell: a number keeps the CSV's unit only; words that are no value stand in brackets. */
function cell(entry: QueryField, text: string | null, units: boolean): string {
  if (text === null || text === '') return entry.form.startsWith('bare') ? 'N/A' : '[N/A]';
  if (text === 'N/A') return entry.form.startsWith('bare') ? 'N/A' : '[N/A]';
  if (entry.form === 'number' || entry.form === 'bare-number') {
    const number = numeric.exec(text)?.[0];
    if (number === undefined) return isAnswer(text) ? text : `[${text}]`;
    return entry.unit !== null && units ? `${number} ${entry.unit}` : number;
  }
  if (brackets.test(text)) return `[${text}]`;
  return entry.form === 'hex' && !text.startsWith('0x') ? `0x${text}` : text;
}

const isAnswer = (text: string): boolean => /^(Yes|No)$/.test(text) || text.startsWith('[');
const brackets =
  /^(GPU is lost|Unknown Error|Insufficient Permissions|Not Supported|ERR!|Requested functionality has been deprecated)$/;

const row = (gpu: GpuScene, fields: readonly QueryField[], units: boolean): string =>
  `${fields.map((entry) => cell(entry, fieldText(entry, gpu), units)).join(', ')}\n`;

/** One line a GPU. */
export const csvRows = (gpus: readonly GpuScene[], fields: readonly QueryField[], units: boolean): string[] =>
  gpus.map((gpu) => row(gpu, fields, units));

/** `--query-gpu=… --format=csv` once. */
export function queryGpuText(
  scene: Scene,
  query: {
    readonly fields: readonly QueryField[];
    readonly format: CsvFormat;
    readonly gpus: readonly GpuScene[];
  },
): string {
  const header = query.format.header ? csvHeader(query.fields, scene.template.branch) : '';
  return header + csvRows(query.gpus, query.fields, query.format.units).join('');
}
