import { createKernelLogReader, type KernelEvent } from '../../../lib/host-facts/index.ts';
import type { HostAccess, LineStream, StreamEnd } from '../../access/host-access.ts';
import type { LogWay } from './read.ts';

export interface FollowerOptions {
  readonly access: HostAccess;
  /** `live`: it came while we were reading, and not from before. */
  readonly onEvent: (event: KernelEvent, live: boolean) => void;
  /** The file holds another boot from here on: what was counted is of the one before. */
  readonly onReboot: () => void;
  /** The first line of all that a way gave. */
  readonly onFirst: (way: LogWay, line: string) => void;
  /** What was in the log before is read, after so many seconds. */
  readonly onCaughtUp: (command: string, seconds: number) => void;
}

/** Reads ways to the log, each from where it was read to before. */
export interface Follower {
  /** Reads one until it ends. */
  follow(way: LogWay): Promise<StreamEnd>;
  stop(): Promise<void>;
}

/** The kernel is silent for days when all is well, so only a restart a week says that the stream is alive. */
const silentSeconds = 7 * 24 * 3600;
const streamLimits = {
  startDeadlineSeconds: silentSeconds,
  sampleDeadlineSeconds: silentSeconds,
  maxLineBytes: 64 * 1024,
  // A ring buffer comes in one go, some megabytes at most.
  maxBytesPerSecond: 32 * 1024 * 1024,
};
/** After the last line of before: then all is read; and later, since a link may stall in the middle, what comes is new. */
const quietMilliseconds = 150;
const liveMilliseconds = 1000;
/** Until the first line: a program on a busy host, or over SSH, may be slow to begin, and what it tells then is old. */
const silentMilliseconds = 5000;
/** Boots of one file are told apart by a clock that falls back by more than this. */
const rebootSeconds = 60;

interface Place {
  last: string | null;
  lines: number;
  bootSeconds: number;
}

export function createFollower(options: FollowerOptions): Follower {
  const places = new Map<LogWay, Place>();
  let stream: LineStream | null = null;
  let isLive = false;

  const take = (way: LogWay, place: Place, { line, event }: { line: string; event: KernelEvent }): void => {
    const name = way.placeOf(line);
    if (name !== null && place.last !== null && way.isRead(name, place.last)) return;
    place.last = name;
    // A file holds one boot after the other; the others are of this boot alone.
    if (name === null && event.bootSeconds !== null) {
      if (event.bootSeconds < place.bootSeconds - rebootSeconds) options.onReboot();
      place.bootSeconds = event.bootSeconds;
    }
    options.onEvent(event, isLive);
  };
  return {
    async follow(way) {
      const place = places.get(way) ?? { last: null, lines: 0, bootSeconds: 0 };
      places.set(way, place);
      const command = way.resume(place.last, place.lines);
      const startedAt = performance.now();
      const opened = options.access.stream(command, streamLimits);
      stream = opened;
      const reader = createKernelLogReader();
      isLive = false;
      let isCaughtUp = false;
      const caughtUp = (): void => {
        isCaughtUp = true;
        options.onCaughtUp(command.join(' '), (performance.now() - startedAt) / 1000);
      };
      const live = (): void => {
        isLive = true;
      };
      let timers = [setTimeout(caughtUp, silentMilliseconds), setTimeout(live, silentMilliseconds)] as const;
      const stopTimers = (): void => {
        for (const timer of timers) clearTimeout(timer);
      };
      let isFirst = true;
      for await (const line of opened.lines) {
        if (place.lines === 0) options.onFirst(way, line);
        place.lines += 1;
        const event = reader.push(line);
        if (event !== null) take(way, place, { line, event });
        if (isLive) continue;
        if (isFirst) {
          isFirst = false;
          stopTimers();
          timers = [setTimeout(caughtUp, quietMilliseconds), setTimeout(live, liveMilliseconds)];
        }
        if (!isCaughtUp) timers[0].refresh();
        timers[1].refresh();
      }
      stopTimers();
      stream = null;
      return opened.ended;
    },
    async stop() {
      await stream?.stop();
    },
  };
}
