import { longestLine } from '../limits.ts';
import { eachLine } from '../plain-text.ts';

/** A line `label : value`, or a label alone with what stands deeper below it. */
export interface Label {
  readonly label: string;
  readonly value: string | null;
  readonly indent: number;
  readonly children: Label[];
}

/** A line at the left edge, with what is indented below it. */
export interface Section extends Label {
  /** A blank line, or another section, follows: nothing of it is missing. */
  isClosed: boolean;
  /** The last line that it has. */
  last: Label | null;
}

const deepest = 16;
/** Some 250 a GPU. */
const mostLabels = 50_000;

/** Splits at the first colon that stands alone: labels are padded, `GPU 00000000:0C:00.0` is no label. */
function split(line: string): { label: string; value: string | null } {
  const at = line.search(/\s:(?:\s|$)/);
  if (at < 0) return { label: line.trim(), value: null };
  return { label: line.slice(0, at).trim(), value: line.slice(at + 2).trim() };
}

/** Reads indented labels as `nvidia-smi -q` prints them. A last line without a line end is left out. */
export function readLabels(text: string): { sections: Section[]; isCut: boolean } {
  const sections: Section[] = [];
  /** From the left edge inwards. */
  let open: Label[] = [];
  let count = 0;
  for (const { text: line, isEnded } of eachLine(text)) {
    const section = sections.at(-1);
    if (line.trim() === '' && isEnded) {
      if (section !== undefined) section.isClosed = true;
      continue;
    }
    if (!isEnded || count >= mostLabels) return { sections, isCut: true };
    if (line.length > longestLine) continue;
    count += 1;
    const indent = line.length - line.trimStart().length;
    const label: Label = { ...split(line), indent, children: [] };
    if (indent === 0 || section === undefined) {
      if (section !== undefined) section.isClosed = true;
      sections.push({ ...label, isClosed: false, last: null });
      open = [];
      continue;
    }
    section.last = label;
    open = open.filter((outer) => outer.indent < indent).slice(0, deepest);
    (open.at(-1) ?? section).children.push(label);
    open.push(label);
  }
  return { sections, isCut: false };
}
