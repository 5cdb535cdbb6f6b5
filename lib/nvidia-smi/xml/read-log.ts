import type { Failure } from '../../model/index.ts';
import { parseFailure } from '../failure.ts';
import { numberIn, textIn } from '../narrow.ts';
import { createProblemLog, type ProblemLog } from '../problems.ts';
import type { SmiDocument, SmiGpu } from '../types.ts';
import { readValue } from '../values.ts';
import { type GpuElement, readGpu } from './gpu.ts';
import { type KnownGpu, readGpuAgain } from './gpu-again.ts';
import type { XmlMemory } from './sections.ts';
import type { XmlLog } from './tree.ts';

export const rootName = 'nvidia_smi_log';

/** A document that tells nothing but a failure. */
export function nothing(failure: Failure, problems: ProblemLog = createProblemLog()): SmiDocument {
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

export function failed(message: string): Failure {
  return { code: 'unknown-error', message, gpu: null };
}

export const failedDocument = (message: string): SmiDocument => nothing(failed(message));

export interface LogReading {
  /** What the text was: the beginning of each problem's field. */
  readonly form: 'xml' | 'text';
  /** What stood outside the elements. */
  readonly around: string;
  readonly problems: ProblemLog;
  /** What the document before told, and where this one is kept for the next. */
  readonly memory: XmlMemory | null;
}

/** The document that a log's elements tell. */
export function readLog(log: XmlLog, { form, around, problems, memory }: LogReading): SmiDocument {
  for (const error of log.errors) problems.add(`${form}:`, error, 'breaks the rules of XML');
  if (log.rootName !== null && log.rootName !== rootName) {
    return nothing(failed(`the document is a ${log.rootName.slice(0, 60)}, not a ${rootName}`), problems);
  }
  const told = around === '' ? null : parseFailure(around, null);
  if (around !== '' && told === null) problems.add(`${form}:`, around, 'stands outside the elements');
  const attachedGpus = headNumber(log, 'attached_gpus', form, problems);
  const numbered = arePositionsIndexes(log, attachedGpus, told);
  const kept = new Map<number, KnownGpu>();
  const gpus = log.gpus.map((element, position) => {
    const read = readKept({ ...element, position, index: numbered ? position : null, form }, problems, {
      before: memory?.gpus.get(position),
      keep: memory === null ? null : kept,
    });
    return read.gpu.uuid === null && read.gpu.index === null
      ? byPosition(read, position, form, problems)
      : read;
  });
  if (memory !== null) memory.gpus = kept;
  if (log.complete) noteCount(gpus.length, attachedGpus, form, problems);
  if (gpus.length === 0)
    for (const name of log.strangers)
      problems.add(`${form}:/${name}`, '', 'is no element that gpufleet knows');
  const kernelDriverVersion = headText(log, 'kmd_version');
  return {
    driverVersion: headText(log, 'driver_version') ?? kernelDriverVersion,
    kernelDriverVersion,
    cudaVersion: headText(log, 'cuda_umd_version') ?? headText(log, 'cuda_version'),
    timestamp: headText(log, 'timestamp'),
    attachedGpus,
    gpus,
    problems: problems.list,
    failure: failureOf(log, told, attachedGpus),
  };
}

/** What was not understood is told with each document, so a GPU is kept only while there was nothing of it. */
function readKept(
  element: GpuElement,
  problems: ProblemLog,
  { before, keep }: { before: KnownGpu | undefined; keep: Map<number, KnownGpu> | null },
): SmiGpu {
  // Problems are told in the order of our tables, as reading the whole GPU tells them.
  const news = createProblemLog();
  const again = before === undefined ? null : readGpuAgain(before, element, news);
  const read = again !== null && news.count === 0 ? again : readGpu(element, problems);
  if (read.state === 'ok' && read.failure === null && problems.count === 0)
    keep?.set(element.position, { id: element.id, node: element.node, read });
  return read;
}

/**
 * nvidia-smi prints GPUs in the order of its index and never the index itself. Where a failure stands among them
 * one is missing, and a position is no index any more.
 */
function arePositionsIndexes(log: XmlLog, attachedGpus: number | null, told: Failure | null): boolean {
  const missing = attachedGpus !== null && log.complete && log.gpus.length < attachedGpus;
  return told === null || !missing;
}

/** Something must name it. */
function byPosition(
  read: SmiDocument['gpus'][number],
  position: number,
  form: string,
  problems: ProblemLog,
): SmiDocument['gpus'][number] {
  const where = `${form}:/gpu[${position}]`;
  problems.add(where, read.gpu.pciBusId ?? '', 'has no uuid, and its index is only its place in the list');
  return { ...read, gpu: { ...read.gpu, index: position } };
}

/** A whole document tells of each; without any, it fails. */
function noteCount(told: number, attached: number | null, form: string, problems: ProblemLog): void {
  if (attached === null || told === 0 || told >= attached) return;
  problems.add(`${form}:/attached_gpus`, String(attached), `are attached, and the document tells of ${told}`);
}

function failureOf(log: XmlLog, told: Failure | null, attachedGpus: number | null): Failure | null {
  if (told !== null) return told;
  if (log.refused !== null) return failed(`the document was not read to its end: ${log.refused}`);
  if (log.complete && log.gpus.length === 0 && (attachedGpus ?? log.strangers.length) > 0) {
    const count = attachedGpus === null ? '' : `, of ${attachedGpus} attached`;
    return failed(`the document has no GPU that gpufleet knows${count}`);
  }
  if (log.complete) return null;
  const count = log.gpus.length;
  return { code: 'truncated', message: `the document ends early, after ${count} complete GPUs`, gpu: null };
}

/** `610.57.04 [Deprecated; …]`: from R610 on a version can carry a note, or be one. */
function headText(log: XmlLog, name: string): string | null {
  const text = log.head.get(name);
  if (text === undefined || /^deprecated/i.test(text)) return null;
  const reading = readValue(text.slice(0, 512).replace(/\s*\[[^\]]*\]$/, ''), 'text');
  return textIn(reading);
}

function headNumber(log: XmlLog, name: string, form: string, problems: ProblemLog): number | null {
  const text = log.head.get(name);
  if (text === undefined) return null;
  const reading = readValue(text, 'count');
  if (reading.kind === 'unrecognised') problems.add(`${form}:/${name}`, text, reading.message);
  return numberIn(reading);
}
