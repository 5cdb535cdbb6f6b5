/** What a document is made of, in its order. */
export interface XmlEvents {
  open(name: string, id: string | null): void;
  text(text: string): void;
  close(): void;
  /** Where the element that begins at `start` ends, when it is known already and need not be told; else `start`. */
  known?(xml: string, start: number): number;
  /** An element that was told ended before `end`. */
  told?(xml: string, end: number): void;
}

/** What only a full parser knows how to read: entities, comments, sections, control characters, foreign line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unusual = /[&\r\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\uffff]|\]\]>/;
const openTag = /^([A-Za-z_][A-Za-z0-9_.-]*)(?: id="([^"<]*)")?$/;
const declaration = /^\?xml version="1\.0" ?\?$/;
const documentType = /^!DOCTYPE [A-Za-z_]+ SYSTEM "[A-Za-z0-9_.-]*"$/;

/**
 * Reads a document as nvidia-smi prints it, whole and without anything special, in a tenth of a full parser's time:
 * the agent does so twice a minute on every host. False: it is another kind of document; what was told counts for
 * nothing, and the full parser must read it.
 */
export function readPlainXml(xml: string, events: XmlEvents): boolean {
  const open: string[] = [];
  let at = 0;
  /** What is known already was looked at when it was told. */
  let lookedAt = 0;
  const isUsual = (to: number): boolean => !unusual.test(xml.slice(lookedAt, to));
  let isRootSeen = false;
  for (;;) {
    const start = xml.indexOf('<', at);
    if (start < 0)
      return isRootSeen && open.length === 0 && xml.slice(at).trim() === '' && isUsual(xml.length);
    const end = xml.indexOf('>', start);
    if (end < 0) return false;
    const text = xml.slice(at, start);
    const tag = xml.slice(start + 1, end);
    at = end + 1;
    if (open.length === 0) {
      if (text.trim() !== '') return false;
      if (!isRootSeen && ((start === 0 && declaration.test(tag)) || documentType.test(tag))) continue;
      if (isRootSeen) return false;
    } else if (text !== '') events.text(text);
    if (tag.charCodeAt(0) === slash) {
      if (tag.length === 1 || open.pop() !== tag.slice(1)) return false;
      events.close();
      events.told?.(xml, at);
      continue;
    }
    const known = events.known?.(xml, start) ?? start;
    if (known > start) {
      if (!isUsual(start)) return false;
      at = known;
      lookedAt = known;
      continue;
    }
    const isEmpty = tag.charCodeAt(tag.length - 1) === slash;
    const [, name, id] = openTag.exec(isEmpty ? tag.slice(0, -1).trimEnd() : tag) ?? [];
    if (name === undefined) return false;
    isRootSeen = true;
    events.open(name, id ?? null);
    if (isEmpty) {
      events.close();
      events.told?.(xml, at);
    } else open.push(name);
  }
}

const slash = 47;
