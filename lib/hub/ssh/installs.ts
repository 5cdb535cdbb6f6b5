import type { SshInstall, SshInstallState } from '../../model/index.ts';
import { plainLine } from './plain-line.ts';
import type { RootScriptEnd, RunRootScript } from './root-scripts.ts';

/** Longest of all: fetching Node from the hub over a slow link. */
const scriptSeconds = 600;
const reportSeconds = 90;
const lookEveryMillis = 250;
const maxOutputBytes = 256 * 1024;
const mostAtOnce = 4;

export interface SshInstallsOptions {
  readonly now: () => number;
  readonly run: RunRootScript;
}

export interface WantedInstall {
  readonly sshHostId: string;
  readonly by: string;
  /**
   * Made when its turn comes: it holds a token with a short life, which is shown to nobody. Rejects with what stands in
   * the way, in one line.
   */
  readonly makeScript: () => Promise<{ readonly text: string; readonly secret: string }>;
  /** Whether the agent has reported since `startedAtMillis`. */
  readonly hasReported: (startedAtMillis: number) => boolean;
  /** After its end, however it went: what was made for it is withdrawn. */
  readonly settle: () => void;
}

/** Installations of the agent over SSH, a few at a time; a host has at most one. */
export interface SshInstalls {
  list(): readonly SshInstall[];
  isUnderWay(sshHostId: string): boolean;
  begin(wanted: WantedInstall): SshInstall;
  /** The host is no SSH host any more. */
  forget(sshHostId: string): void;
  /** No further one is begun, and none is waited for. */
  close(): void;
}

/** What the script said, without the name that it says it under, and without its token, should it be repeated. */
const shownLine = (line: string, secret: string): string =>
  plainLine(line.replace(/^gpufleet: /, '').replaceAll(secret, '…'));

class Install {
  readonly #options: SshInstallsOptions;
  readonly #wanted: WantedInstall;
  view: SshInstall;

  constructor(options: SshInstallsOptions, wanted: WantedInstall) {
    this.#options = options;
    this.#wanted = wanted;
    this.view = {
      sshHostId: wanted.sshHostId,
      state: 'queued',
      line: null,
      startedAt: new Date(options.now()).toISOString(),
      endedAt: null,
      by: wanted.by,
    };
  }

  get isOver(): boolean {
    return this.view.endedAt !== null;
  }

  /** Never rejects. */
  async work(isClosed: () => boolean): Promise<void> {
    const startedAtMillis = this.#options.now();
    try {
      this.#tell('running', 'connecting');
      const { text, secret } = await this.#wanted.makeScript();
      const end = await this.#options.run(this.#wanted.sshHostId, {
        text,
        deadlineSeconds: scriptSeconds,
        maxOutputBytes,
        onLine: (line) => this.#tell('running', shownLine(line, secret)),
      });
      this.#judge(end);
      if (!this.isOver) await this.#awaitReport(startedAtMillis, isClosed);
    } catch (error) {
      this.#end('failed', error instanceof Error ? error.message : String(error));
    } finally {
      this.#wanted.settle();
    }
  }

  fail(why: string): void {
    this.#end('failed', why);
  }

  #judge(end: RootScriptEnd): void {
    if (end.outcome !== 'exited') this.#end('failed', end.message);
    else if (end.exitCode !== 0)
      this.#end(
        'failed',
        `${this.view.line ?? 'it said nothing'} (the installer ended with ${end.exitCode})`,
      );
    else this.#tell('waiting', 'installed; its first report is awaited');
  }

  async #awaitReport(startedAtMillis: number, isClosed: () => boolean): Promise<void> {
    const last = this.#options.now() + reportSeconds * 1000;
    while (!this.#wanted.hasReported(startedAtMillis)) {
      if (isClosed()) return;
      if (this.#options.now() >= last) {
        this.#end(
          'failed',
          `installed, but no report of the agent came within ${reportSeconds} s: its log on the host says why (journalctl -u gpufleet-agent, or /var/log/gpufleet-agent.log)`,
        );
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMillis).unref());
    }
    this.#end('done', 'the agent reports');
  }

  #tell(state: SshInstallState, line: string): void {
    if (!this.isOver) this.view = { ...this.view, state, line };
  }

  #end(state: 'done' | 'failed', line: string): void {
    if (this.isOver) return;
    this.view = { ...this.view, state, line, endedAt: new Date(this.#options.now()).toISOString() };
  }
}

export function createSshInstalls(options: SshInstallsOptions): SshInstalls {
  const installs = new Map<string, Install>();
  const queue: Install[] = [];
  let running = 0;
  let isClosed = false;
  const next = (): void => {
    while (running < mostAtOnce && !isClosed) {
      const install = queue.shift();
      if (install === undefined) return;
      running += 1;
      void install
        .work(() => isClosed)
        .finally(() => {
          running -= 1;
          next();
        });
    }
  };
  return {
    list: () => [...installs.values()].map(({ view }) => view),
    isUnderWay: (sshHostId) => installs.get(sshHostId)?.isOver === false,
    begin(wanted) {
      const install = new Install(options, wanted);
      installs.set(wanted.sshHostId, install);
      queue.push(install);
      next();
      return install.view;
    },
    forget(sshHostId) {
      if (installs.get(sshHostId)?.isOver === true) installs.delete(sshHostId);
    },
    close() {
      isClosed = true;
      for (const install of queue.splice(0)) install.fail('the hub was stopped before its turn came');
    },
  };
}
