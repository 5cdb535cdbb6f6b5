import { SaxesParser } from 'saxes';

/** One element: either it has children, or it is a leaf with text. Never changed after parsing. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Trimmed; empty when there are children. */
  readonly text: string;
}

export interface XmlDocument {
  /** Everything before the root element, as it stood: declaration, DOCTYPE with or without an inline DTD. */
  readonly prolog: string;
  readonly root: XmlElement;
}

interface OpenElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/** Throws an Error with one line when the text is no complete XML document. */
export function parseXml(text: string): XmlDocument {
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    open.push({ name: tag.name, attributes: { ...tag.attributes }, children: [], text: '' });
  });
  parser.on('text', (piece) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    element.text = element.children.length > 0 ? '' : element.text.trim();
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  parser.write(text).close();
  const done = root as XmlElement | null;
  if (done === null) throw new Error('the text holds no XML element');
  const start = text.search(new RegExp(`<${done.name}[\\s>]`));
  return { prolog: start > 0 ? text.slice(0, start) : '<?xml version="1.0" ?>\n', root: done };
}

/** What stands in place of an element's own content when it is written. */
export interface Overlay {
  readonly text: ReadonlyMap<XmlElement, string>;
  readonly children: ReadonlyMap<XmlElement, readonly XmlElement[]>;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** Appends lines as nvidia-smi indents them: a tab a level, a leaf on one line, an empty list on two. */
export function writeElement(
  element: XmlElement,
  overlay: Overlay,
  to: { lines: string[]; indent: string },
): void {
  const { lines, indent } = to;
  const attributes = Object.entries(element.attributes)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
  const text = overlay.text.get(element) ?? element.text;
  const children = overlay.text.has(element) ? [] : (overlay.children.get(element) ?? element.children);
  if (children.length === 0 && (text !== '' || !isList(element.name))) {
    const inside = element.name === 'mig_devices' ? `\n${indent}\t${text}\n${indent}` : escaped(text);
    lines.push(`${indent}<${element.name}${attributes}>${inside}</${element.name}>`);
    return;
  }
  lines.push(`${indent}<${element.name}${attributes}>`);
  for (const child of children) writeElement(child, overlay, { lines, indent: `${indent}\t` });
  lines.push(`${indent}</${element.name}>`);
}

const isList = (name: string): boolean =>
  name === 'processes' || name === 'accounted_processes' || name === 'retired_pagelist';

/** A leaf of our own. */
export const leaf = (name: string, text: string): XmlElement => ({
  name,
  attributes: {},
  children: [],
  text,
});

/** The child of that name, or null. */
export const childOf = (element: XmlElement, name: string): XmlElement | null =>
  element.children.find((child) => child.name === name) ?? null;
