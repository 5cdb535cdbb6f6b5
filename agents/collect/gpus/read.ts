import type { Failure } from '../../../lib/model/index.ts';
import {
  createXmlMemory,
  parseFailure,
  parseSmiXml,
  type SmiDocument,
  type SmiGpu,
  type XmlMemory,
} from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess, RunResult } from '../../access/host-access.ts';
import { failed, failureOf, quote, runFailure } from '../failures.ts';
import type { Outcome } from '../source.ts';
import { createNaming } from './naming.ts';

/** A cold driver without persistence mode takes many seconds for its first answer. */
export const startDeadlineSeconds = 30;
/** Once it has answered, it does so in a second or two. */
const laterDeadlineSeconds = 15;
const maxOutputBytes = 16 * 1024 * 1024;

/** Where distributions, containers, WSL and clouds put it; a bare name is looked up on PATH. */
export const usualPlaces = [
  'nvidia-smi',
  '/usr/bin/nvidia-smi',
  '/usr/lib/wsl/lib/nvidia-smi',
  '/run/nvidia/driver/usr/bin/nvidia-smi',
  '/usr/local/nvidia/bin/nvidia-smi',
  '/home/kubernetes/bin/nvidia/bin/nvidia-smi',
] as const;

export interface DocumentReader {
  /** The program as it was last found; null when it is nowhere. */
  readonly program: string | null;
  readonly command: string;
  read(): Promise<Outcome<SmiDocument>>;
  /** What the last good document was read from. */
  readonly printed: string;
}

/** Runs `nvidia-smi -q -x`, and where something new came up what tells the names that the document leaves out. */
export function createDocumentReader(access: HostAccess, givenPath: string | null): DocumentReader {
  const places: readonly string[] = givenPath === null ? usualPlaces : [givenPath];
  const memory = createXmlMemory();
  const naming = createNaming(access, laterDeadlineSeconds);
  let program: string | null = null;
  let previous: SmiDocument | null = null;
  let printed = '';
  const run = async (path: string): Promise<RunResult> =>
    access.run([path, '-q', '-x'], {
      deadlineSeconds: previous === null ? startDeadlineSeconds : laterDeadlineSeconds,
      maxOutputBytes,
    });
  const find = async (): Promise<{ path: string; result: RunResult }> => {
    let forbidden: { path: string; result: RunResult } | null = null;
    let missing: { path: string; result: RunResult } | null = null;
    for (const path of program === null ? places : [program, ...places]) {
      const found = { path, result: await run(path) };
      if (found.result.outcome !== 'not-found' && found.result.outcome !== 'not-permitted') return found;
      if (found.result.outcome === 'not-permitted') forbidden ??= found;
      else missing ??= found;
    }
    return forbidden ?? missing ?? { path: places[0] ?? 'nvidia-smi', result: await run('nvidia-smi') };
  };
  return {
    get program() {
      return program;
    },
    get command() {
      return `${program ?? places[0]} -q -x`;
    },
    get printed() {
      return printed;
    },
    async read() {
      const { path, result } = await find();
      program = result.outcome === 'not-found' ? null : path;
      const outcome = readDocument(path, result, memory);
      if (outcome.state !== 'ok') return missingEverywhere(outcome, places);
      const document = withFailedGpu(outcome.value, outcome.value.failure, previous);
      previous = document;
      printed = result.stdout;
      return { state: 'ok', value: await naming.add(document, path) };
    },
  };
}

function missingEverywhere(outcome: Outcome<SmiDocument>, places: readonly string[]): Outcome<SmiDocument> {
  if (outcome.state !== 'absent') return outcome;
  const where = places.length > 1 ? 'neither on PATH nor where drivers put it' : `not at ${places[0]}`;
  return { state: 'absent', failure: failureOf('command-not-found', `nvidia-smi is ${where}`) };
}

/** What one run of `-q -x` told. A document that is cut or comes with a failure of the whole host counts for nothing. */
export function readDocument(
  program: string,
  result: RunResult,
  memory: XmlMemory | null = null,
): Outcome<SmiDocument> {
  const ended = runFailure(program, result);
  if (ended !== null) return ended;
  const document = parseSmiXml(result.stdout, memory);
  if (document.failure !== null) {
    const { code, gpu } = document.failure;
    const isOfOneGpu = code === 'gpu-lost' || gpu !== null;
    if (isOfOneGpu && document.gpus.length > 0) return { state: 'ok', value: document };
    if (document.failure.code === 'truncated') return { state: 'failed', failure: document.failure };
    const told = parseFailure(`${result.stdout}\n${result.stderr}`, result.exitCode);
    return { state: 'failed', failure: told ?? saysWhatWasPrinted(document.failure, result) };
  }
  if (document.gpus.length > 0) return { state: 'ok', value: document };
  const told = parseFailure(result.stderr, result.exitCode);
  return told === null
    ? failed('no-devices', 'nvidia-smi answers and names no GPU')
    : { state: 'failed', failure: told };
}

function saysWhatWasPrinted(failure: Failure, result: RunResult): Failure {
  const printed = quote(result.stdout) || quote(result.stderr);
  const message =
    printed === '' ? 'nvidia-smi printed nothing' : `${failure.message}; it printed: ${printed}`;
  return { ...failure, message };
}

/** The document with the GPU that a failure names as lost or failed; one it does not list comes from the one before. */
export function withFailedGpu(
  document: SmiDocument,
  failure: Failure | null,
  previous: SmiDocument | null = null,
): SmiDocument {
  if (failure === null || failure.gpu === null) return document;
  const named = failure.gpu;
  const state = failure.code === 'gpu-lost' ? 'lost' : 'failed';
  const lose = (each: SmiGpu): SmiGpu =>
    isNamed(each, named) ? { ...each, state, failure: each.failure ?? failure } : each;
  if (document.gpus.some((each) => isNamed(each, named)))
    return { ...document, gpus: document.gpus.map(lose) };
  const before = previous?.gpus.find((each) => isNamed(each, named));
  return before === undefined ? document : { ...document, gpus: [...document.gpus, lose(before)] };
}

/** By uuid, index or PCI bus id, which is printed with four or eight digits of domain. */
export function isNamed({ gpu }: Pick<SmiGpu, 'gpu'>, name: string): boolean {
  const shorten = (busId: string): string => busId.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '');
  return (
    gpu.uuid === name ||
    (gpu.pciBusId !== null && shorten(gpu.pciBusId) === shorten(name)) ||
    (gpu.index !== null && String(gpu.index) === name)
  );
}
