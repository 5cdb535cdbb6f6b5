import type { FetchedLines, LineStream } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { createSilence } from '../silence.ts';
import { createSampleReader, type ShareSample } from './sample.ts';

/** Rows of one sample come together; after such a silence they are all. */
const quietMilliseconds = 150;

/** What pmon prints, being read. */
export interface Reading {
  /** With what the program printed, when that was no sample. Never rejects. */
  readonly ended: Promise<string>;
  /** Reads what waits of it. */
  fetch(): void;
}

/** Reads until the program ends. */
export function startReading(
  stream: LineStream,
  clock: Clock,
  onSample: (sample: ShareSample, ageSeconds: number) => void,
): Reading {
  let said = '';
  let isRead = false;
  /** A sample that is not told yet. */
  let isBegun = false;
  const secondsSinceFetch = createStopwatch(clock);
  /** When the line that is read came, the earliest that those before it can have, and the first of the sample. */
  let cameAt = clock.monotonicSeconds();
  let earliestAt = cameAt;
  let begunAt = cameAt;
  const reader = createSampleReader((sample, isPast) => {
    isRead = true;
    onSample(sample, clock.monotonicSeconds() - (isPast ? Math.min(begunAt, earliestAt) : cameAt));
  });
  const push = (line: string): void => {
    if (!isRead && said.length < 2000) said += `${line}\n`;
    if (!isBegun) begunAt = earliestAt;
    isBegun = reader.push(line);
  };
  const settle = (): void => {
    if (isBegun) reader.flush();
    isBegun = false;
  };
  /** Returns true when the rest of a sample may still come. */
  const fetch = (): boolean => {
    const { lines, ageSeconds } = stream.fetch?.() ?? nothing;
    const mostSeconds = secondsSinceFetch();
    const now = clock.monotonicSeconds();
    lines.forEach((line, at) => {
      // Only of the last is it known when it came.
      const isLast = at === lines.length - 1;
      earliestAt = now - mostSeconds;
      cameAt = isLast && ageSeconds !== null ? now - ageSeconds : earliestAt;
      push(line);
    });
    if (lines.length === 0) return false;
    const isQuiet = ageSeconds !== null && ageSeconds * 1000 >= quietMilliseconds;
    if (isBegun && !isQuiet) {
      silence.wait();
      return true;
    }
    silence.end();
    settle();
    return false;
  };
  const silence = createSilence(quietMilliseconds, () => {
    if (!fetch()) settle();
  });
  const readLines = async (): Promise<string> => {
    for await (const line of stream.lines) {
      cameAt = clock.monotonicSeconds();
      earliestAt = cameAt;
      push(line);
      if (isBegun) silence.wait();
      else silence.end();
    }
    silence.stop();
    settle();
    return isRead ? '' : said;
  };
  return { ended: readLines(), fetch: () => void fetch() };
}

const nothing: FetchedLines = { lines: [], ageSeconds: null };

/** Seconds since its last call, by the clock that goes further: one stands still while the machine sleeps. */
function createStopwatch(clock: Clock): () => number {
  let seconds = clock.monotonicSeconds();
  let dateSeconds = clock.nowMilliseconds() / 1000;
  return () => {
    const before = { seconds, dateSeconds };
    seconds = clock.monotonicSeconds();
    dateSeconds = clock.nowMilliseconds() / 1000;
    return Math.max(seconds - before.seconds, dateSeconds - before.dateSeconds);
  };
}
