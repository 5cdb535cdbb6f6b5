import { type PmonRow, parseSmiPmon } from '../../../lib/nvidia-smi/index.ts';

/** Shares of one process on one GPU, as printed; null where pmon prints a dash. */
export type Share = Pick<PmonRow, 'smRatio' | 'memoryRatio' | 'encoderRatio' | 'decoderRatio'>;

/** One sample of pmon: by GPU index, by pid. A GPU without processes has no entries. */
export type ShareSample = ReadonlyMap<number, ReadonlyMap<number, Share>>;

export interface SampleReader {
  /** One line as it came. */
  push(line: string): void;
  /** The sample so far is whole: nothing more came for a while. */
  flush(): void;
}

const mostLines = 20_000;

/** Gathers the lines of a scrolling pmon into samples. A GPU index that goes back, or a process that comes again, begins the next. */
export function createSampleReader(onSample: (sample: ShareSample) => void): SampleReader {
  let head: string[] = [];
  let rows: string[] = [];
  let seen = new Set<string>();
  let lastIndex = -1;
  const flush = (): void => {
    if (rows.length > 0 && head.length > 0) onSample(sampleOf([...head, ...rows]));
    rows = [];
    seen = new Set();
    lastIndex = -1;
  };
  return {
    push(line) {
      const words = line.trim().split(/\s+/, 2);
      if (line.trimStart().startsWith('#')) {
        flush();
        // The head has two lines and comes again every so often.
        head = head.length >= 2 ? [line] : [...head, line];
        return;
      }
      const index = Number(words[0]);
      const key = words.join(' ');
      if (words[0] === '' || !Number.isInteger(index)) return;
      if (index < lastIndex || seen.has(key)) flush();
      lastIndex = index;
      seen.add(key);
      if (rows.length < mostLines) rows.push(line);
    },
    flush,
  };
}

function sampleOf(lines: readonly string[]): ShareSample {
  const { gpuIndexes, samples } = parseSmiPmon(`${lines.join('\n')}\n`);
  const gpus = new Map<number, Map<number, Share>>(gpuIndexes.map((index) => [index, new Map()]));
  for (const { gpuIndex, pid, smRatio, memoryRatio, encoderRatio, decoderRatio } of samples)
    if (pid !== null) gpus.get(gpuIndex)?.set(pid, { smRatio, memoryRatio, encoderRatio, decoderRatio });
  return gpus;
}
