import type { KnownGpu } from './gpu-again.ts';
import type { XmlNode } from './tree.ts';

/** An element directly below a GPU, as printed. */
export interface XmlSection {
  readonly text: string;
  /** What it was read to; null: it is left out. */
  readonly node: XmlNode | null;
  /** Elements in it, itself too. */
  readonly nodes: number;
  /** What stood between the section before it and this one; null where more than text did. */
  readonly gap: string | null;
}

/** The sections of the last document, in their order. Most of a GPU (what it is, its limits, its errors) stays the same. */
export interface XmlMemory {
  sections: readonly XmlSection[];
  /** By their place in the document; those of which reading them whole told everything. */
  gpus: ReadonlyMap<number, KnownGpu>;
}

export const createXmlMemory = (): XmlMemory => ({ sections: [], gpus: new Map() });

/** Goes through a document beside the one before it. */
export interface SectionKeeper {
  /** The section that begins at `start`, when the one at its place in the document before was the same, byte for byte. */
  find(xml: string, start: number, nodes: number): XmlSection | null;
  /** The same for the one that follows, behind the same text as before: `end` is where the one before it ended. */
  findNext(xml: string, end: number): XmlSection | null;
  /** The section that find() did not know ended before `end`; it is the last child, unless it was left out. */
  keep(
    xml: string,
    end: number,
    gpu: { readonly children: readonly XmlNode[]; readonly nodes: number },
  ): void;
  /** The document was read whole. */
  done(): void;
}

export function createSectionKeeper(memory: XmlMemory): SectionKeeper {
  const before = memory.sections;
  const now: XmlSection[] = [];
  let place = 0;
  let start = 0;
  let lastEnd = 0;
  let nodesBefore = 0;
  const take = (section: XmlSection, end: number): XmlSection => {
    place += 1;
    lastEnd = end;
    now.push(section);
    if (section.node !== null) section.node.readings ??= new Map();
    return section;
  };
  return {
    find(xml, at, nodes) {
      const section = before[place];
      if (section !== undefined && xml.startsWith(section.text, at))
        return take(section, at + section.text.length);
      start = at;
      nodesBefore = nodes;
      return null;
    },
    findNext(xml, end) {
      const section = before[place];
      if (section === undefined || section.gap === null || !xml.startsWith(section.gap, end)) return null;
      const at = end + section.gap.length;
      return xml.startsWith(section.text, at) ? take(section, at + section.text.length) : null;
    },
    keep(xml, end, { children, nodes }) {
      const text = ownText(xml.slice(start, end));
      const isLeftOut = nodes === nodesBefore;
      const gap = ownText(xml.slice(lastEnd, start));
      lastEnd = end;
      now.push({
        text,
        node: isLeftOut ? null : (children.at(-1) ?? null),
        nodes: nodes - nodesBefore,
        gap: gap.includes('<') ? null : gap,
      });
      // One of another name came, or went: what follows finds its place again in the next document.
      if (nameOf(before[place]?.text ?? '') === nameOf(text)) place += 1;
    },
    done() {
      memory.sections = now;
    },
  };
}

const nameOf = (text: string): string => text.slice(1, text.search(/[\s/>]/));

/**
 * The same text, on its own: what is cut out of a long one keeps all of it in memory. (Joining makes V8 copy; up to 12
 * characters it copies by itself.)
 */
export const ownText = (text: string): string => (text.length > 12 ? ` ${text}`.slice(1) : text);
