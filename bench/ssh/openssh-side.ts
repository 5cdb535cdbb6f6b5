import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answerParent } from '../support/child.ts';
import { endsWithUs, type PlayedSshHost } from './hosts.ts';

/** What each host is asked in a window. */
export interface Work {
  readonly streams: readonly string[];
  /** Command, and how often in a window. */
  readonly commands: readonly (readonly [string, number])[];
  readonly windowSeconds: number;
}

const masters: ChildProcess[] = [];
const streams: ChildProcess[] = [];
const timers: NodeJS.Timeout[] = [];
let done = 0;
let skipped = 0;

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const optionsOf = (host: PlayedSshHost, control: string): readonly string[] => [
  ...['-F', 'none', '-T', '-S', control, '-p', String(host.port), '-i', host.keyFile],
  ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${host.knownHostsFile}`].flatMap(
    (each) => ['-o', each],
  ),
];

function ssh(words: readonly string[], prefix: readonly string[] = []): ChildProcess {
  const [program = 'ssh', ...more] = [...prefix, 'ssh', ...words];
  const child = spawn(program, more, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout?.resume();
  child.on('error', () => {});
  return child;
}

const goneOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });

export const handlers = {
  /** A master for each host, its streams held open, and its commands spread over the window, again and again. */
  async open({
    hosts,
    folder,
    work,
  }: {
    hosts: readonly PlayedSshHost[];
    folder: string;
    work: Work;
  }): Promise<void> {
    for (const [at, host] of hosts.entries()) {
      const control = join(folder, `c${at}`);
      const options = optionsOf(host, control);
      masters.push(ssh([...options, '-M', '-N', '127.0.0.1'], endsWithUs));
      for (let tries = 0; !existsSync(control); tries++) {
        if (tries > 500) throw new Error(`no ControlMaster for port ${host.port}`);
        await sleep(0.02);
      }
      for (const command of work.streams) streams.push(ssh([...options, '127.0.0.1', command], endsWithUs));
      for (const [command, times] of work.commands) {
        let isRunning = false;
        const ask = (): void => {
          // One that is late is not piled on: the machine would be measured, and not ssh.
          if (isRunning) {
            skipped += 1;
            return;
          }
          isRunning = true;
          const child = ssh([...options, '127.0.0.1', command]);
          void goneOf(child).then(() => {
            isRunning = false;
            if (child.exitCode !== 255) done += 1;
          });
        };
        const everySeconds = work.windowSeconds / times;
        // Not all hosts at one moment.
        timers.push(
          setTimeout(
            () => {
              ask();
              timers.push(setInterval(ask, everySeconds * 1000));
            },
            (everySeconds * 1000 * at) / hosts.length,
          ),
        );
      }
    }
  },
  async counts(): Promise<{ readonly done: number; readonly skipped: number }> {
    return { done, skipped };
  },
  async close(): Promise<void> {
    for (const timer of timers.splice(0)) clearTimeout(timer);
    const all = [...streams.splice(0), ...masters.splice(0)];
    for (const child of all) child.kill();
    await Promise.all(all.map(goneOf));
    done = 0;
  },
};

answerParent(handlers, () => handlers.close());
