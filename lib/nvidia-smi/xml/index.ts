import type { Failure } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { longestDocument } from '../limits.ts';
import { createProblemLog, type ProblemLog } from '../problems.ts';
import type { SmiDocument } from '../types.ts';
import { readValue } from '../values.ts';
import { readGpu } from './gpu.ts';
import { readXmlLog, type XmlLog } from './tree.ts';

const rootName = 'nvidia_smi_log';
const end = `</${rootName}>`;

function nothing(failure: Failure, problems: ProblemLog = createProblemLog()): SmiDocument {
  return {
    driverVersion: null,
    kernelDriverVersion: null,
    cudaVersion: null,
    timestamp: null,
    attachedGpus: null,
    gpus: [],
    problems: problems.list,
    failure,
  };
}

function failed(message: string): Failure {
  return { code: 'unknown-error', message, gpu: null };
}

/**
 * Reads what `nvidia-smi -q -x` printed, driver branches 418 to 610. Never throws. A document that was cut gives
 * every complete GPU and failure `truncated`; text that is no document gives the failure that it tells of.
 */
export function parseSmiXml(text: string): SmiDocument {
  if (text.length > longestDocument) {
    return nothing(failed(`the document is larger than ${longestDocument / 1024 / 1024} MiB`));
  }
  const start = text.search(/<(?:\?xml|!DOCTYPE|nvidia_smi_log)/);
  if (start < 0) {
    return nothing(parseFailure(text, null) ?? failed('the text holds no nvidia_smi_log document'));
  }
  const problems = createProblemLog();
  const stop = text.indexOf(end, start);
  const log = readXmlLog(text.slice(start, stop < 0 ? undefined : stop + end.length));
  const around = `${text.slice(0, start)}\n${stop < 0 ? '' : text.slice(stop + end.length)}\n${log.strayText}`;
  return readLog(log, around.trim(), problems);
}

function readLog(log: XmlLog, around: string, problems: ProblemLog): SmiDocument {
  for (const error of log.errors) problems.add('xml:', error, 'breaks the rules of XML');
  if (log.rootName !== null && log.rootName !== rootName) {
    return nothing(failed(`the document is a ${log.rootName.slice(0, 60)}, not a ${rootName}`), problems);
  }
  const told = around === '' ? null : parseFailure(around, null);
  if (around !== '' && told === null) problems.add('xml:', around, 'stands outside the elements');
  const attachedGpus = headNumber(log, 'attached_gpus', problems);
  const numbered = arePositionsIndexes(log, attachedGpus, told);
  const gpus = log.gpus.map((element, position) =>
    readGpu({ ...element, position, index: numbered ? position : null }, problems),
  );
  const kernelDriverVersion = headText(log, 'kmd_version');
  return {
    driverVersion: headText(log, 'driver_version') ?? kernelDriverVersion,
    kernelDriverVersion,
    cudaVersion: headText(log, 'cuda_umd_version') ?? headText(log, 'cuda_version'),
    timestamp: headText(log, 'timestamp'),
    attachedGpus,
    gpus,
    problems: problems.list,
    failure: failureOf(log, told),
  };
}

/**
 * nvidia-smi prints GPUs in the order of its index and never the index itself. Where a failure stands among them
 * one is missing, and a position is no index any more.
 */
function arePositionsIndexes(log: XmlLog, attachedGpus: number | null, told: Failure | null): boolean {
  const missing = attachedGpus !== null && log.complete && log.gpus.length < attachedGpus;
  return told === null || !missing;
}

function failureOf(log: XmlLog, told: Failure | null): Failure | null {
  if (told !== null) return told;
  if (log.refused !== null) return failed(`the document was not read to its end: ${log.refused}`);
  if (log.complete) return null;
  const count = log.gpus.length;
  return { code: 'truncated', message: `the document ends early, after ${count} complete GPUs`, gpu: null };
}

/** `610.57.04 [Deprecated; …]`: from R610 on a version can carry a note, or be one. */
function headText(log: XmlLog, name: string): string | null {
  const text = log.head.get(name);
  if (text === undefined || /^deprecated/i.test(text)) return null;
  const reading = readValue(text.slice(0, 512).replace(/\s*\[[^\]]*\]$/, ''), 'text');
  return reading.kind === 'value' && typeof reading.value === 'string' ? reading.value : null;
}

function headNumber(log: XmlLog, name: string, problems: ProblemLog): number | null {
  const text = log.head.get(name);
  if (text === undefined) return null;
  const reading = readValue(text, 'count');
  if (reading.kind === 'unrecognised') problems.add(`xml:/${name}`, text, reading.message);
  return reading.kind === 'value' && typeof reading.value === 'number' ? reading.value : null;
}
