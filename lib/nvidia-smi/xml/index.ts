import { isGpuFailureLine, parseFailure } from '../failure.ts';
import { longestDocument } from '../limits.ts';
import { createProblemLog } from '../problems.ts';
import type { SmiDocument } from '../types.ts';
import { failed, failedDocument, nothing, readLog, rootName } from './read-log.ts';
import type { XmlMemory } from './sections.ts';
import { readXmlLog } from './tree.ts';

export { createXmlMemory, type XmlMemory } from './sections.ts';

const end = `</${rootName}>`;
const inTheMidst = /unable to determine the device handle|: gpu is lost/i;

/** What nvidia-smi says of one GPU while it prints the others: a line of its own, wherever it was in the document. */
const isBetween = (line: string): boolean => !line.includes('<') && isGpuFailureLine(line.trim());

/**
 * Reads what `nvidia-smi -q -x` printed, driver branches 418 to 610. Never throws. A document that was cut gives
 * every complete GPU and failure `truncated`; text that is no document gives the failure that it tells of. Who reads one
 * host again and again gives a `memory` of its own: what is printed as before is then not read again.
 */
export function parseSmiXml(text: string, memory: XmlMemory | null = null): SmiDocument {
  if (text.length > longestDocument) {
    return failedDocument(`the document is larger than ${longestDocument / 1024 / 1024} MiB`);
  }
  const start = text.search(/<(?:\?xml|!DOCTYPE|nvidia_smi_log)/);
  if (start < 0) {
    return nothing(parseFailure(text, null) ?? failed('the text holds no nvidia_smi_log document'));
  }
  const stop = text.indexOf(end, start);
  const document = text.slice(start, stop < 0 ? undefined : stop + end.length);
  const lines = inTheMidst.test(document) ? document.split('\n') : [];
  const failures = lines.filter(isBetween);
  const own = failures.length === 0 ? document : lines.filter((line) => !isBetween(line)).join('\n');
  const log = readXmlLog(own, memory);
  const after = stop < 0 ? '' : text.slice(stop + end.length);
  const around = [text.slice(0, start), after, log.strayText, ...failures].join('\n');
  return readLog(log, { form: 'xml', around: around.trim(), problems: createProblemLog(), memory });
}
