import { SaxesParser } from 'saxes';
import { mostGpus } from '../limits.ts';
import type { Value } from '../values.ts';
import { readPlainXml, type XmlEvents } from './plain.ts';
import { createSectionKeeper, ownText, type SectionKeeper, type XmlMemory } from './sections.ts';

/** An element as printed: its text, or the elements in it. */
export interface XmlNode {
  readonly name: string;
  text: string;
  readonly children: XmlNode[];
  /** The first child of each name, once someone asked for one of many. */
  byName?: Map<string, XmlNode> | undefined;
  /** Of a section that was the same in the document before: what was read below it, by the path in our tables. */
  readings?: Map<readonly string[], Value | null>;
  /** No text in it tells of a failure; looked for once, since a section that stays the same stays the same element. */
  isSound?: boolean;
}

export interface XmlLog {
  readonly rootName: string | null;
  /** Leaf texts directly below the root, first of each name. */
  readonly head: ReadonlyMap<string, string>;
  readonly gpus: readonly { readonly id: string | null; readonly node: XmlNode }[];
  /** Names of groups below the root that are no GPU: no driver up to R610 has one. */
  readonly strangers: readonly string[];
  /** Text that stood between the elements below the root. */
  readonly strayText: string;
  /** Whether the root element was closed. */
  readonly complete: boolean;
  /** Where the document breaks XML's rules, with a sentence; parsing went on. */
  readonly errors: readonly string[];
  /** Why the rest of the document was not read: a limit of ours; null when it was. */
  readonly refused: string | null;
}

const deepest = 64;
const mostNodesPerGpu = 20_000;
const mostNodes = 100_000;
const mostHeadElements = 64;
const mostStrangers = 6;
const mostAttributes = 100;
const mostErrorsKept = 20;
const mostErrors = 1000;
const mostAmpersands = 10_000;
const longestLeafText = 65_536;

/** Lists of every clock step: most of a document's bytes, and nothing that we show. */
const skipped = new Set(['supported_clocks', 'accounted_processes']);

class Refusal extends Error {}

/** What is open while the document is read. */
class LogBuilder implements XmlEvents {
  rootName: string | null = null;
  readonly head = new Map<string, string>();
  readonly gpus: { id: string | null; node: XmlNode }[] = [];
  readonly strangers = new Set<string>();
  strayText = '';
  complete = false;

  private depth = 0;
  private skipDepth = 0;
  private nodes = 0;
  private allNodes = 0;
  private readonly stack: XmlNode[] = [];
  private gpuId: string | null = null;
  private readonly sections: SectionKeeper | null;

  constructor(memory: XmlMemory | null = null) {
    this.sections = memory === null ? null : createSectionKeeper(memory);
  }

  /** Whether what begins or ended now is directly below a GPU. */
  private isAtSection(): boolean {
    return this.depth === 2 && this.skipDepth === 0 && this.stack.length === 1;
  }

  known(xml: string, start: number): number {
    if (this.sections === null || !this.isAtSection()) return start;
    let section = this.sections.find(xml, start, this.nodes);
    let end = start;
    while (section !== null) {
      this.count(section.nodes);
      if (section.node !== null) this.stack[0]?.children.push(section.node);
      if (end > start) this.text(section.gap ?? '');
      end += (end > start ? (section.gap ?? '').length : 0) + section.text.length;
      section = this.sections.findNext(xml, end);
    }
    return end;
  }

  told(xml: string, end: number): void {
    if (this.sections !== null && this.isAtSection())
      this.sections.keep(xml, end, { children: this.stack[0]?.children ?? [], nodes: this.nodes });
  }

  /** The document was read whole: the next is compared with it. */
  remember(): void {
    this.sections?.done();
  }

  private count(nodes: number): void {
    this.nodes += nodes;
    this.allNodes += nodes;
    if (this.allNodes > mostNodes) throw new Refusal(`more than ${mostNodes} elements`);
    if (this.nodes > mostNodesPerGpu) throw new Refusal(`more than ${mostNodesPerGpu} elements in one`);
  }

  open(name: string, id: unknown): void {
    this.depth += 1;
    if (this.depth > deepest) throw new Refusal(`elements are nested deeper than ${deepest}`);
    if (this.skipDepth > 0) return;
    if (this.depth === 1) {
      this.rootName ??= name;
      return;
    }
    if (skipped.has(name)) {
      this.skipDepth = this.depth;
      return;
    }
    if (this.depth === 2) {
      this.nodes = 0;
      this.gpuId = typeof id === 'string' ? id : null;
    }
    this.count(1);
    const node: XmlNode = { name, text: '', children: [] };
    this.stack.at(-1)?.children.push(node);
    this.stack.push(node);
  }

  text(text: string): void {
    if (this.skipDepth > 0) return;
    const node = this.stack.at(-1);
    if (node !== undefined) {
      if (node.text.length >= longestLeafText) return;
      const part = text.slice(0, longestLeafText);
      node.text += this.sections === null ? part : ownText(part);
    } else if (this.depth === 1 && this.strayText.length < longestLeafText) {
      this.strayText += text.slice(0, longestLeafText);
    }
  }

  close(): void {
    const depth = this.depth;
    this.depth -= 1;
    if (this.skipDepth > 0) {
      if (depth === this.skipDepth) this.skipDepth = 0;
      return;
    }
    if (depth === 1) {
      this.complete = true;
      return;
    }
    const node = this.stack.pop();
    if (depth === 2 && node !== undefined) this.keep(node);
  }

  private keep(node: XmlNode): void {
    if (node.name === 'gpu') {
      if (this.gpus.length >= mostGpus) throw new Refusal(`more than ${mostGpus} GPUs`);
      this.gpus.push({ id: this.gpuId, node });
    } else if (node.children.length > 0) this.strangers.add(node.name.slice(0, 60));
    else if (this.head.size < mostHeadElements && !this.head.has(node.name))
      this.head.set(node.name, node.text.trim());
  }
}

/**
 * Reads an `nvidia_smi_log` with a streaming parser into its head and one tree a complete GPU. Never throws.
 * Entities that a DTD declares are not expanded, external ones not fetched; depth and counts are limited. With a
 * `memory`, what is printed as in the document before is not read again.
 */
export function readXmlLog(xml: string, memory: XmlMemory | null = null): XmlLog {
  const builder = new LogBuilder(memory);
  try {
    if (readPlainXml(xml, builder)) {
      builder.remember();
      return logOf(builder, [], null);
    }
  } catch (error) {
    // A limit of ours: the full parser meets it too, and says how far it came.
    if (!(error instanceof Refusal)) throw error;
  }
  return readAnyXmlLog(xml);
}

/** The same for any document, by the full parser. */
export function readAnyXmlLog(xml: string): XmlLog {
  const builder = new LogBuilder();
  const errors: string[] = [];
  let refused: string | null = null;
  let errorCount = 0;
  let attributes = 0;
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('opentag', (tag) => {
    attributes = 0;
    builder.open(tag.name, Object.hasOwn(tag.attributes, 'id') ? tag.attributes['id'] : null);
  });
  // The parser keeps them all until the tag ends.
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > mostAttributes)
      throw new Refusal(`more than ${mostAttributes} attributes in one element`);
  });
  parser.on('text', (text) => builder.text(text));
  parser.on('cdata', (text) => builder.text(text));
  parser.on('closetag', () => builder.close());
  parser.on('error', (error) => {
    if (errors.length < mostErrorsKept) errors.push(error.message);
    errorCount += 1;
    // After a wrong end tag the parser closes all that is open: what follows would stand in the wrong place.
    if (/clos(?:e|ing) tag/.test(error.message)) throw new Refusal('an end tag does not fit');
    if (errorCount > mostErrors) throw new Refusal(`more than ${mostErrors} errors`);
  });
  try {
    parser.write(withBareAmpersands(xml));
    // Not closed when cut off: closing would report each open element as an error.
    if (builder.complete) parser.close();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    refused = error instanceof Refusal ? error.message : `is not readable as XML: ${error.message}`;
  }
  return logOf(builder, errors, refused);
}

function logOf(builder: LogBuilder, errors: readonly string[], refused: string | null): XmlLog {
  const { rootName, head, gpus, complete } = builder;
  const strangers = [...builder.strangers].slice(0, mostStrangers);
  return { rootName, head, gpus, strangers, strayText: builder.strayText.trim(), complete, errors, refused };
}

/**
 * A process's command line can hold `&&`; the parser would take all up to the next `;` for an entity's name. A text
 * with thousands is none of nvidia-smi, and is read up to there.
 */
function withBareAmpersands(xml: string): string {
  let at = xml.indexOf('&');
  for (let count = 1; at >= 0 && count < mostAmpersands; count += 1) at = xml.indexOf('&', at + 1);
  const some = at < 0 ? xml : xml.slice(0, at);
  return some.replaceAll(/&(?!#?[A-Za-z0-9]{1,16};)/g, '&amp;');
}

/** The first child of that name. */
export function childOf(node: XmlNode, name: string): XmlNode | undefined {
  const { children } = node;
  if (children.length > 8) {
    node.byName ??= new Map(children.toReversed().map((child) => [child.name, child]));
    return node.byName.get(name);
  }
  for (const child of children) if (child.name === name) return child;
  return undefined;
}
