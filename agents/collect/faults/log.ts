import type { KernelEvent } from '../../../lib/host-facts/index.ts';
import type { HostAccess, StreamEnd } from '../../access/host-access.ts';
import { deferred } from '../../deferred.ts';
import { failed, fileOutcome, quote, streamFailure } from '../failures.ts';
import type { FailedOutcome, Source } from '../source.ts';
import { readEarlier } from './earlier.ts';
import { createFollower, type FollowerOptions } from './follow.ts';
import { fileWay, journalRefusal, journalWay, kmsgWay, type LogWay, ringBeginsAt } from './read.ts';

export interface KernelLogOptions extends Pick<FollowerOptions, 'onEvent' | 'onReboot'> {
  readonly access: HostAccess;
  readonly source: Source;
  /** What came before all that the ring buffer still holds. */
  readonly onEarlier: (event: KernelEvent) => void;
  /** There is a journal, and what came before could not be read from it. */
  readonly onUnreadEarlier: () => void;
  /** `auto`: the ring buffer, else the journal; else the path of a log file. */
  readonly path: string;
}

export interface KernelLog {
  /** Resolves when what was in the log before is read, or why it cannot be read is known; at most 2 s. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const longestStartMilliseconds = 2000;
const firstRetrySeconds = 1;
const longestRetrySeconds = 300;

/** Follows the kernel's log by one program that waits for lines, and costs nothing while none come. */
export function createKernelLog(options: KernelLogOptions): KernelLog {
  const { access, source, path } = options;
  const caughtUp = deferred<void>();
  const file = fileWay(path);
  let retry: NodeJS.Timeout | null = null;
  let stopped = false;
  let failures = 0;
  let running: Promise<void> = Promise.resolve();
  const follower = createFollower({
    ...options,
    onFirst(way, line) {
      const seconds = way === kmsgWay ? ringBeginsAt(line) : null;
      if (seconds === null) return;
      const note = (event: KernelEvent): void => {
        if (!stopped) options.onEarlier(event);
      };
      void readEarlier(access, seconds, note).then((isWhole) => {
        if (!isWhole && !stopped) options.onUnreadEarlier();
      });
    },
    onCaughtUp(command, seconds) {
      failures = 0;
      source.note(command, { state: 'ok', value: null }, seconds);
      caughtUp.resolve();
    },
  });
  /** Null when it was read for as long as it lasted; else why it cannot be read. */
  const read = async (way: LogWay): Promise<FailedOutcome | null> => {
    const end = await follower.follow(way);
    return stopped || isFine(end) ? null : refusalOf(way, end);
  };
  const readAuto = async (): Promise<FailedOutcome | null> => {
    const refusal = await read(kmsgWay);
    if (refusal === null) return null;
    const hidden = await journalRefusal(access);
    if (hidden === null) return stopped ? null : read(journalWay);
    if (hidden.state === 'absent') return refusal.state === 'absent' ? hidden : refusal;
    return bothRefused(refusal, hidden);
  };
  const readFile = async (): Promise<FailedOutcome | null> => {
    // tail waits for a file that is not there, which looks like silence.
    const there = fileOutcome(await access.readFile(path, { maxBytes: 1, deadlineSeconds: 2 }));
    if (there.state === 'absent') return failed('unknown-error', `${path} is not there`);
    return there.state === 'ok' ? read(file) : there;
  };
  const run = async (): Promise<void> => {
    retry = null;
    const refusal = await (path === 'auto' ? readAuto() : readFile());
    if (stopped) return;
    if (refusal !== null) source.note(source.status.command, refusal, null);
    caughtUp.resolve();
    const seconds = Math.min(longestRetrySeconds, firstRetrySeconds * 4 ** failures);
    failures += 1;
    retry = setTimeout(() => {
      running = run();
    }, seconds * 1000);
  };
  return {
    async start() {
      running = run();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, longestStartMilliseconds);
      });
      await Promise.race([caughtUp.promise, late]);
      clearTimeout(timer);
    },
    async stop() {
      stopped = true;
      if (retry !== null) clearTimeout(retry);
      await follower.stop();
      await running;
    },
  };
}

function refusalOf(way: LogWay, end: StreamEnd): FailedOutcome {
  if (end.reason !== 'exited') return streamFailure(way.command[0], end);
  const said = quote(end.stderr);
  const isRefused = /permission|not permitted/i.test(said);
  return failed(
    isRefused ? 'insufficient-permissions' : 'unknown-error',
    said || `${way.command[0]} ended by itself`,
  );
}

/** A silence of a week, and a ring buffer that ran over, are no fault: the stream begins again. */
function isFine(end: StreamEnd): boolean {
  if (end.reason === 'exited') return end.exitCode === 0 || /broken pipe/i.test(end.stderr);
  return end.reason === 'sample-timeout' || end.reason === 'start-timeout';
}

function bothRefused(kmsg: FailedOutcome, journal: FailedOutcome): FailedOutcome {
  const said = [kmsg.failure?.message, journal.failure?.message]
    .filter((each) => each !== undefined)
    .join('; ');
  const advice = 'let the agent run as root, or its user be in the group systemd-journal or adm';
  return failed('insufficient-permissions', `${said}; to read it, ${advice}`);
}
