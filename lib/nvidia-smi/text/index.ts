import { parseFailure } from '../failure.ts';
import { longestDocument, mostGpus } from '../limits.ts';
import { plainText } from '../plain-text.ts';
import { createProblemLog } from '../problems.ts';
import type { SmiDocument } from '../types.ts';
import { failedDocument, readLog } from '../xml/read-log.ts';
import type { XmlLog, XmlNode } from '../xml/tree.ts';
import { type Label, readLabels, type Section } from './labels.ts';
import { elementNames, flattened } from './names.ts';

const gpuLine = /^GPU ([0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f])$/;
const bannerLine = /^=+\s*NVSMI LOG\s*=+$/;
/** Labels at the left edge, by the XML's names for them. */
const headNames: ReadonlyMap<string, string> = new Map([
  ['Timestamp', 'timestamp'],
  ['Driver Version', 'driver_version'],
  ['CUDA Version', 'cuda_version'],
  ['KMD Version', 'kmd_version'],
  ['CUDA UMD Version', 'cuda_umd_version'],
  ['Attached GPUs', 'attached_gpus'],
]);
/** Lists of every clock step, and what is no current use. */
const skipped: ReadonlySet<string> = new Set(['Supported Clocks', 'Accounted Processes']);

/** Whether a text is what `-q` prints, or a piece of it. */
export function isSmiText(text: string): boolean {
  const beginning = text.slice(0, 65_536);
  if (/^[ \t]{0,40}={1,80}[ \t]{0,8}NVSMI LOG[ \t]{0,8}={1,80}[ \t]{0,40}$/m.test(beginning)) return true;
  const lines = beginning.split('\n', 40).filter((line) => line.trim() !== '');
  const labels = lines.filter((line) => /^ {4,}[A-Z][\w ./()-]{0,60} +: \S/.test(line));
  return labels.length >= 6 && labels.length * 2 >= lines.length;
}

/**
 * Reads what `nvidia-smi -q` printed, as the XML that has the same labels: the tables of the XML say what each means.
 * A text that was cut gives every complete GPU and failure `truncated`. Never throws.
 */
export function parseSmiText(text: string): SmiDocument {
  if (text.length > longestDocument)
    return failedDocument(`the text is larger than ${longestDocument / 1024 / 1024} MiB`);
  const problems = createProblemLog();
  const { sections, isCut } = readLabels(atLeftEdge(plainText(text)));
  const log = logOf(sections, isCut);
  const isNothing = log.gpus.length === 0 && log.head.size === 0;
  if (isNothing && parseFailure(text, null) !== null)
    return { ...failedDocument(''), failure: parseFailure(text, null) };
  return readLog(log, { form: 'text', around: log.strayText, problems, memory: null });
}

/** The banner stands at the left edge: where it does not, all was indented, as in a mail or a ticket. */
function atLeftEdge(text: string): string {
  const [, edge = ''] = /^([ \t]{1,16})=+[ \t]*NVSMI LOG/m.exec(text.slice(0, 65_536)) ?? [];
  if (edge === '') return text;
  return text
    .split('\n')
    .map((line) => (line.startsWith(edge) ? line.slice(edge.length) : line))
    .join('\n');
}

function logOf(sections: readonly Section[], isCut: boolean): XmlLog {
  const head = new Map<string, string>();
  const stray: string[] = [];
  const blocks: { id: string; section: Section }[] = [];
  let isWhole = !isCut && sections.some(({ label }) => bannerLine.test(label));
  let refused: string | null = null;
  for (const section of sections) {
    const id = gpuLine.exec(section.label)?.[1];
    const name = headNames.get(section.label);
    if (id !== undefined && section.value === null) {
      if (blocks.length < mostGpus) blocks.push({ id, section });
      else refused = `more than ${mostGpus} GPUs`;
    } else if (name !== undefined && section.value !== null) {
      if (!head.has(name)) head.set(name, section.value);
    } else if (blocks.length === 0 && section.indent > 0) isWhole = false;
    else if (!bannerLine.test(section.label)) stray.push(section.label);
  }
  const attached = Number(head.get('attached_gpus') ?? Number.NaN);
  /** Fewer than are attached are no sign of a cut: `-i` asks for some; but none at all is. */
  const isAll = (count: number, endsWell: boolean): boolean =>
    count >= attached || (endsWell && (count > 0 || !(attached > 0)));
  const last = blocks.at(-1);
  const isLastWhole = last === undefined || isComplete(last.section, blocks.at(-2)?.section);
  if (!isLastWhole) blocks.pop();
  return {
    rootName: 'nvidia_smi_log',
    head,
    gpus: blocks.map(({ id, section }) => ({ id, node: nodeOf('gpu', section.children, '') })),
    strangers: [],
    strayText: stray.slice(0, 100).join('\n').slice(0, 65_536),
    complete: isLastWhole && isAll(blocks.length, isWhole || (!isCut && blocks.length > 0)),
    errors: [],
    refused,
  };
}

/** The text has no end of its own: a GPU is whole when a blank line follows, or what comes last of all is there. */
function isComplete(section: Section, before: Section | undefined): boolean {
  if (section.isClosed) return true;
  const labels = section.children.map(({ label }) => label);
  const processes = section.children.find(({ label }) => label === 'Processes');
  if (processes?.value === 'None' || labels.includes('Capabilities')) return true;
  // `-d MEMORY` and the like: as far as the GPU before it went.
  if (before !== undefined) return section.last?.label === before.last?.label;
  return !labels.includes('Product Name') && labels.length > 0;
}

function elementName(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

function nodeOf(name: string, labels: readonly Label[], path: string): XmlNode {
  const node: XmlNode = { name, text: '', children: [] };
  for (const label of labels) if (!skipped.has(label.label)) addLabel(node, label, path);
  return node;
}

function addLabel(node: XmlNode, label: Label, path: string): void {
  if (path === '' && label.label === 'Processes') {
    node.children.push(processesOf(label));
    return;
  }
  const names = elementNames[path];
  const found = names !== undefined && Object.hasOwn(names, label.label) ? names[label.label] : undefined;
  const targets =
    found === undefined ? [elementName(label.label)] : typeof found === 'string' ? [found] : found;
  for (const target of targets) {
    const inner = path === '' ? target : `${path}/${target}`;
    if (flattened.has(inner)) {
      for (const child of label.children) addLabel(node, child, path);
      continue;
    }
    const steps = target.split('/');
    const last = steps.pop() ?? target;
    let at = node;
    for (const step of steps) at = childNamed(at, step);
    // `HW Slowdown` has a value, and its kinds are indented below it.
    const isValue = label.value !== null;
    const made = nodeOf(last, isValue ? [] : label.children, inner);
    made.text = label.value ?? '';
    at.children.push(made);
    if (isValue) for (const child of label.children) addLabel(node, child, path);
  }
}

function childNamed(node: XmlNode, name: string): XmlNode {
  const present = node.children.find((child) => child.name === name);
  if (present !== undefined) return present;
  const made: XmlNode = { name, text: '', children: [] };
  node.children.push(made);
  return made;
}

const processNames: ReadonlyMap<string, string> = new Map([
  ['GPU instance ID', 'gpu_instance_id'],
  ['Compute instance ID', 'compute_instance_id'],
  ['Process ID', 'pid'],
  ['Type', 'type'],
  ['Name', 'process_name'],
  ['Used GPU Memory', 'used_memory'],
]);

/** Instances stand before the `Process ID` that they belong to, the rest is indented below it. */
function processesOf({ value, children }: Label): XmlNode {
  const node: XmlNode = { name: 'processes', text: value ?? '', children: [] };
  let before: XmlNode[] = [];
  for (const label of children) {
    const name = processNames.get(label.label);
    if (name === undefined) continue;
    const leaf: XmlNode = { name, text: label.value ?? '', children: [] };
    if (name !== 'pid') {
      before.push(leaf);
      continue;
    }
    const inner = label.children.flatMap((child): XmlNode[] => {
      const innerName = processNames.get(child.label);
      return innerName === undefined ? [] : [{ name: innerName, text: child.value ?? '', children: [] }];
    });
    node.children.push({ name: 'process_info', text: '', children: [...before, leaf, ...inner] });
    before = [];
  }
  return node;
}
