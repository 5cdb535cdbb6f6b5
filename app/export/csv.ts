/** A cell as a program wants it: null is an empty field, a Date ISO 8601 in UTC, numbers in base units. */
export type CsvValue = string | number | boolean | Date | null | undefined;

export interface CsvColumn<Row> {
  /** With its unit last, as the API names it: `Memory used (bytes)`. */
  readonly header: string;
  readonly value: (row: Row) => CsvValue;
}

/** What a spreadsheet would run as a formula; a container's name is anybody's text. */
const formula = /^\s*[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]/;

function cellText(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  const text = String(value);
  return formula.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180: a head line, CRLF, quotes where they are needed. Text that a spreadsheet would run gets a `'` before it. */
export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ header }) => quoted(cellText(header))),
    ...rows.map((row) => columns.map(({ value }) => quoted(cellText(value(row))))),
  ];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** `gpufleet-hosts-2026-11-25T03-45-12Z.csv`: sorts by time, and no system minds a character of it. */
export function csvFileName(name: string, at: Date): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `gpufleet-${words.slice(0, 80)}-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.csv`;
}

/** A time that the API gives as text; null stays null. */
export const timeOf = (iso: string | null): Date | null => (iso === null ? null : new Date(iso));
