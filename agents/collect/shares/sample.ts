import {
  createPmonShareReader,
  isPlainPmonLine,
  type PmonRow,
  type PmonShare,
  parseSmiPmon,
} from '../../../lib/nvidia-smi/index.ts';

/** Shares of one process on one GPU, as printed; null where pmon prints a dash. */
export type Share = Pick<PmonRow, 'smRatio' | 'memoryRatio' | 'encoderRatio' | 'decoderRatio'>;

/** One sample of pmon: by GPU index, by pid. A GPU without processes has no entries. */
export type ShareSample = ReadonlyMap<number, ReadonlyMap<number, Share>>;

export interface SampleReader {
  /** One line as it came. True: a sample is begun that is not told yet. */
  push(line: string): boolean;
  /** The sample so far is whole: nothing more came for a while. */
  flush(): void;
}

const mostLines = 20_000;
/** The parser of whole texts keeps the newest of more rows; no GPU has a tenth of them. */
const mostPlainLines = 5000;
/** A GPU's index and a process's id. */
const firstWords = /^\s*(\S+)(?:\s+(\S+))?/;

/**
 * Gathers the lines of a scrolling pmon into samples. A GPU index that goes back, or a process that comes again, begins the
 * next. With the processes of the sample before, in their order, one is whole and told at once; should more of it come
 * after all, it is told again with that.
 */
export function createSampleReader(
  /** @param isPast a line of the next ended it */
  onSample: (sample: ShareSample, isPast: boolean) => void,
): SampleReader {
  let head: string[] = [];
  let rows: string[] = [];
  let isPlain = true;
  let seen = new Set<string>();
  /** Of the sample before. */
  let before: ReadonlySet<string> = new Set();
  let isTold = false;
  let lastIndex = -1;
  let reader: { readonly head: string; readonly read: (line: string) => PmonShare | null } | null = null;
  const readPlain = (): ShareSample => {
    const text = head.join('\n');
    if (reader?.head !== text) reader = { head: text, read: createPmonShareReader(head) };
    const { read } = reader;
    return sampleOf(rows.flatMap((row) => read(row) ?? []));
  };
  const tell = (isPast: boolean): void => {
    if (isTold || rows.length === 0 || head.length === 0) return;
    isTold = true;
    onSample(isPlain && rows.length <= mostPlainLines ? readPlain() : readWhole([...head, ...rows]), isPast);
  };
  const end = (isPast: boolean): void => {
    tell(isPast);
    if (rows.length > 0) before = seen;
    rows = [];
    isTold = false;
    isPlain = head.every(isPlainPmonLine);
    seen = new Set();
    lastIndex = -1;
  };
  const add = (line: string, index: number, key: string): void => {
    if (index < lastIndex || seen.has(key)) end(true);
    lastIndex = index;
    seen.add(key);
    isTold = false;
    isPlain &&= isPlainPmonLine(line);
    if (rows.length < mostLines) rows.push(line);
    if (isSameOrder(seen, before)) tell(false);
  };
  return {
    push(line) {
      const [, first = '', second = ''] = firstWords.exec(line) ?? [];
      if (first.startsWith('#')) {
        end(true);
        // The head has two lines and comes again every so often.
        head = head.length >= 2 ? [line] : [...head, line];
        isPlain = head.every(isPlainPmonLine);
      } else {
        const index = Number(first);
        if (first !== '' && Number.isInteger(index)) add(line, index, `${first} ${second}`);
      }
      return rows.length > 0 && !isTold;
    },
    flush: () => end(false),
  };
}

function isSameOrder(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  if (some.size !== others.size) return false;
  const wanted = others.values();
  for (const each of some) if (each !== wanted.next().value) return false;
  return true;
}

function readWhole(lines: readonly string[]): ShareSample {
  const { gpuIndexes, samples } = parseSmiPmon(`${lines.join('\n')}\n`);
  return sampleOf(samples, gpuIndexes);
}

/** @param indexes of GPUs beside those of the rows */
function sampleOf(rows: readonly PmonShare[], indexes: readonly number[] = []): ShareSample {
  const gpus = new Map<number, Map<number, Share>>(indexes.map((index) => [index, new Map()]));
  for (const { gpuIndex, pid, smRatio, memoryRatio, encoderRatio, decoderRatio } of rows) {
    const gpu = gpus.get(gpuIndex) ?? new Map<number, Share>();
    gpus.set(gpuIndex, gpu);
    if (pid !== null) gpu.set(pid, { smRatio, memoryRatio, encoderRatio, decoderRatio });
  }
  return gpus;
}
