import type { Client, ClientChannel } from 'ssh2';
import { answered } from './answered.ts';
import { SshError } from './ssh-error.ts';

/** OpenSSH allows 10 unless told; one stays free for whoever looks at the host by hand over the same connection. */
const mostAtOnce = 9;
/** How long a session may wait for another to end. */
const waitSeconds = 15;
const mostRefusals = 10;
const againMillis = 100;
/** How long a server may go on counting a session that has ended. */
const countedSeconds = 2;
/** When one more than a limit is tried for the first time, twice as long after each refusal. */
const firstRetrySeconds = 5;
const longestRetrySeconds = 300;

const nowSeconds = (): number => performance.now() / 1000;

export interface Sessions {
  /** A session that runs `command`; waits its turn. Rejects with SshError; when `isUnwanted` says so while it waits. */
  exec(command: string, isUnwanted?: () => boolean): Promise<ClientChannel>;
  /** Runs `open` as a session among the others, until `release` is called. */
  hold<T>(open: () => Promise<T>): Promise<{ readonly value: T; release(): void }>;
  /** How many the server has let us have at once; `mostAtOnce` until it refused one. */
  readonly limit: number;
  readonly isGone: boolean;
  whyNoShell(): string;
}

/** Rejects also where the server does not answer. */
export const openExec = (client: Client, command: string): Promise<ClientChannel> =>
  answered<ClientChannel>(
    (done) => client.exec(command, done),
    (late) => late.close(),
  );

/** Whether the server said no to one more session, rather than the connection being gone. */
const isRefusal = (error: unknown): boolean => typeof (error as { reason?: unknown }).reason === 'number';

/**
 * How many sessions a server allows at once (MaxSessions), which shows only when it refuses. It also refuses while it
 * still counts what has just ended, which on a busy host takes a while: that says nothing of the limit, and a limit that
 * was believed too soon is tried again.
 */
function createLimit() {
  let most = mostAtOnce;
  let lastEndSeconds = Number.NEGATIVE_INFINITY;
  let retrySeconds = firstRetrySeconds;
  let retryAtSeconds = Number.POSITIVE_INFINITY;
  return {
    get most() {
      return most;
    },
    /** When one more than `most` may be tried. */
    get retryAtSeconds() {
      return retryAtSeconds;
    },
    isFull: (open: number): boolean => open >= most && (open > most || nowSeconds() < retryAtSeconds),
    /** One more is asked for; where it is a try, the others wait for how it ends. */
    ask(open: number): void {
      if (open >= most) retryAtSeconds = Number.POSITIVE_INFINITY;
    },
    /** Whether there is room for more than before. */
    opened(open: number): boolean {
      if (open <= most) return false;
      most = open;
      retrySeconds = firstRetrySeconds;
      if (most < mostAtOnce) retryAtSeconds = nowSeconds();
      return true;
    },
    refused(open: number): void {
      const isCounting = nowSeconds() - lastEndSeconds < countedSeconds;
      if (isCounting && open < most) return;
      most = Math.max(1, Math.min(most, open));
      retryAtSeconds = nowSeconds() + retrySeconds;
      retrySeconds = Math.min(longestRetrySeconds, 2 * retrySeconds);
    },
    ended(): void {
      lastEndSeconds = nowSeconds();
    },
  };
}

/** Shares a connection's sessions among who wants one. */
export function createSessions(client: Client, host: string): Sessions {
  const limit = createLimit();
  let open = 0;
  let isGone = false;
  const waiting: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const wake of waiting.splice(0)) wake();
  };
  client.once('close', () => {
    isGone = true;
    wakeAll();
  });
  /** Until somebody's session ends, or so long. */
  const pause = async (seconds: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      timer = setTimeout(resolve, seconds * 1000);
    });
    clearTimeout(timer);
  };
  const turn = async (endSeconds: number, isUnwanted: () => boolean): Promise<void> => {
    while (limit.isFull(open)) {
      await pause(Math.max(0.05, Math.min(endSeconds, limit.retryAtSeconds) - nowSeconds()));
      if (isGone || isUnwanted()) throw new SshError('cut', `${host}: the connection was cut`);
      if (open >= limit.most && nowSeconds() >= endSeconds)
        throw new SshError(
          'one-session',
          `${host}: the server allows ${limit.most} sessions at once; all in use`,
        );
    }
    limit.ask(open);
    open += 1;
  };
  const release = (): void => {
    open -= 1;
    wakeAll();
  };
  const end = (): void => {
    limit.ended();
    release();
  };
  const attempt = async <T>(make: () => Promise<T>, isUnwanted = () => false): Promise<T> => {
    const endSeconds = nowSeconds() + waitSeconds;
    for (let alone = 0; ; ) {
      await turn(endSeconds, isUnwanted);
      try {
        const made = await make();
        if (limit.opened(open)) wakeAll();
        return made;
      } catch (error) {
        release();
        // One refusal while none is open says little, too.
        alone += open === 0 ? 1 : 0;
        const isOver = alone > mostRefusals || nowSeconds() >= endSeconds;
        if (!isRefusal(error) || isGone || isOver)
          throw new SshError(isGone ? 'cut' : 'refused', `${host}: no session: ${(error as Error).message}`);
        limit.refused(open);
        await new Promise((resolve) => setTimeout(resolve, againMillis * (1 + alone)));
      }
    }
  };
  return {
    async exec(command, isUnwanted) {
      if (isGone) throw new SshError('cut', `${host}: the connection was cut`);
      const channel = await attempt(() => openExec(client, command), isUnwanted);
      channel.once('close', end);
      return channel;
    },
    async hold(make) {
      const value = await attempt(make);
      let isHeld = true;
      return {
        value,
        release() {
          if (isHeld) end();
          isHeld = false;
        },
      };
    },
    get limit() {
      return limit.most;
    },
    get isGone() {
      return isGone;
    },
    whyNoShell: () =>
      isGone
        ? `${host}: the connection was cut`
        : `${host}: no POSIX shell answered; the account's login shell, or a forced command, does not run /bin/sh`,
  };
}
