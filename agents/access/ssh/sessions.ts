import type { Client, ClientChannel } from 'ssh2';
import { SshError } from './ssh-error.ts';

/** OpenSSH allows 10 unless told; one stays free for whoever looks at the host by hand over the same connection. */
const mostAtOnce = 9;
/** How long a session may wait for another to end. */
const waitSeconds = 15;
const mostRefusals = 10;

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

const openExec = (client: Client, command: string): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    try {
      client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    } catch (error) {
      reject(error);
    }
  });

/** Whether the server said no to one more session, rather than the connection being gone. */
const isRefusal = (error: unknown): boolean => typeof (error as { reason?: unknown }).reason === 'number';

/** Shares a connection's sessions: a server has a limit (MaxSessions), which shows only when it refuses. */
export function createSessions(client: Client, host: string): Sessions {
  let limit = mostAtOnce;
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
  const turn = async (isUnwanted: () => boolean): Promise<void> => {
    const end = performance.now() + waitSeconds * 1000;
    while (open >= limit) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        timer = setTimeout(resolve, Math.max(0, end - performance.now()));
      });
      clearTimeout(timer);
      if (isGone || isUnwanted()) throw new SshError('cut', `${host}: the connection was cut`);
      if (open >= limit && performance.now() >= end)
        throw new SshError('one-session', `${host}: the server allows ${limit} sessions at once; all in use`);
    }
    open += 1;
  };
  const release = (): void => {
    open -= 1;
    wakeAll();
  };
  const attempt = async <T>(make: () => Promise<T>, isUnwanted = () => false): Promise<T> => {
    for (let alone = 0; ; ) {
      await turn(isUnwanted);
      try {
        return await make();
      } catch (error) {
        release();
        // Just after one ended, the server may still count it; so one refusal while none is open says little.
        alone += open === 0 ? 1 : 0;
        if (!isRefusal(error) || isGone || alone > mostRefusals)
          throw new SshError(isGone ? 'cut' : 'refused', `${host}: no session: ${(error as Error).message}`);
        limit = Math.max(1, Math.min(limit, open));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  return {
    async exec(command, isUnwanted) {
      if (isGone) throw new SshError('cut', `${host}: the connection was cut`);
      const channel = await attempt(() => openExec(client, command), isUnwanted);
      channel.once('close', release);
      return channel;
    },
    async hold(make) {
      const value = await attempt(make);
      let isHeld = true;
      return {
        value,
        release() {
          if (isHeld) release();
          isHeld = false;
        },
      };
    },
    get limit() {
      return limit;
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
