import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createReplayAccess } from '../../agents/access/replay/index.ts';
import { createCollector } from '../../agents/collect/index.ts';
import type { Cleanup } from '../../e2e/integration/support/temporary.ts';
import { startTicker, type Ticker, type Ticking } from './ticker.ts';

const limits = { deadlineSeconds: 10, maxOutputBytes: 8 * 1024 * 1024 };
/** Asked by who looks for software and faults. */
const alsoAsked: readonly (readonly string[])[] = [['-L'], ['--version']];

/** Every command of nvidia-smi that the collector asks of this recording. */
async function askedOf(recorded: HostAccess, intervalSeconds: number): Promise<readonly string[][]> {
  const asked = new Map<string, string[]>();
  const note = ([program, ...words]: readonly [string, ...string[]]): void => {
    if (program === 'nvidia-smi') asked.set(words.join(' '), words);
  };
  const collector = createCollector(
    {
      ...recorded,
      run(command, options) {
        note(command);
        return recorded.run(command, options);
      },
      stream(command, options) {
        note(command);
        return recorded.stream(command, options);
      },
    },
    { intervalSeconds, nvidiaSmiPath: 'nvidia-smi', dockerSocketPath: null, kernelLog: null },
  );
  const sampled = new Promise<void>((resolve) => collector.onSample(() => resolve()));
  await collector.start();
  await sampled;
  await collector.stop();
  for (const words of alsoAsked) asked.set(words.join(' '), [...words]);
  return [...asked.values()];
}

/** The same, once: what a stream prints in each round. */
function once(words: readonly string[]): { readonly words: string[]; readonly everySeconds: number | null } {
  const at = words.indexOf('-lms');
  if (at >= 0) return { words: words.slice(0, at), everySeconds: Number(words[at + 1]) / 1000 };
  if (words[0] !== 'pmon') return { words: [...words], everySeconds: null };
  return {
    words: ['pmon', '-s', 'u', '-d', '1', '-c', '1'],
    everySeconds: Number(words[words.indexOf('-d') + 1]),
  };
}

/** Rows of a query whose used memory is the mark, in mebibytes: so history knows when each was printed. */
function marked(words: readonly string[], rows: string): (mark: number) => string {
  const fields = words.find((word) => word.startsWith('--query-gpu='))?.slice('--query-gpu='.length);
  const column = fields?.split(',').indexOf('memory.used') ?? -1;
  if (column < 0) return () => rows;
  const lines = rows.trimEnd().split('\n');
  const cells = lines.map((line) => line.split(', '));
  return (mark) => `${cells.map((row) => row.with(column, `${mark} MiB`).join(', ')).join('\n')}\n`;
}

function tickingOf(words: readonly string[], stdout: string, everySeconds: number): Ticking {
  if (words[0] === 'pmon') return { everySeconds, first: () => stdout, more: () => stdout };
  const at = stdout.indexOf('\n') + 1;
  const more = marked(words, stdout.slice(at));
  return { everySeconds, first: (mark) => stdout.slice(0, at) + more(mark), more };
}

/** What a played nvidia-smi streams, as a command line, and the same asked once. */
export interface PlayedStream {
  readonly held: string;
  readonly once: string;
}

/** A command line of nvidia-smi, and what it prints: the text of a file, or what comes out of a pipe of the ticker. */
export interface PlayedCase {
  readonly words: string;
  readonly saidFile: string;
  readonly pipe: string | null;
}

export interface PlayedSmi {
  /** Folder that has to come first in PATH. */
  readonly path: string;
  readonly cases: readonly PlayedCase[];
  readonly streams: readonly PlayedStream[];
  readonly ticker: Ticker;
}

/**
 * A played nvidia-smi that costs next to nothing: what a recording has, printed by `cat`; what it streams comes out of
 * a pipe that this process fills.
 * @param pids of this machine, in the place of the recording's
 */
export async function writePlayedSmi(
  cleanup: Cleanup,
  options: {
    readonly folder: string;
    readonly recording: string;
    readonly intervalSeconds: number;
    readonly pids: readonly number[];
  },
): Promise<PlayedSmi> {
  const { folder, recording, intervalSeconds, pids } = options;
  const recorded = await createReplayAccess(recording, { speed: 0 });
  const cases: PlayedCase[] = [];
  const streams: PlayedStream[] = [];
  const tickings: Ticking[] = [];
  const pipes = join(folder, 'pipes');
  mkdirSync(pipes, { recursive: true });
  const { stdout: document } = await recorded.run(['nvidia-smi', '-q', '-x'], limits);
  const recordedPids = [...new Set([...document.matchAll(/<pid>(\d+)<\/pid>/g)].map(([, pid]) => pid))];
  const withPids = (text: string): string =>
    recordedPids.reduce<string>(
      (sum, pid, at) =>
        sum.replaceAll(new RegExp(`\\b${pid}\\b`, 'g'), String(pids[at % pids.length] ?? pid)),
      text,
    );
  for (const [at, words] of (await askedOf(recorded, intervalSeconds)).entries()) {
    const { words: asked, everySeconds } = once(words);
    const { stdout, exitCode } = await recorded.run(['nvidia-smi', ...asked], limits);
    if (exitCode !== 0) continue;
    const saidFile = join(folder, `said-${at}`);
    writeFileSync(saidFile, withPids(stdout));
    cases.push({ words: asked.join(' '), saidFile, pipe: null });
    if (everySeconds === null) continue;
    const number = tickings.push(tickingOf(asked, withPids(stdout), everySeconds)) - 1;
    cases.push({ words: words.join(' '), saidFile, pipe: join(pipes, String(number)) });
    streams.push({ held: `nvidia-smi ${words.join(' ')}`, once: `nvidia-smi ${asked.join(' ')}` });
  }
  await recorded.close();
  const lines = cases.map(({ words, saidFile, pipe }) =>
    pipe === null
      ? `'${words}') exec cat ${saidFile} ;;`
      : `'${words}') p=${pipe}.$$; mkfifo $p && exec cat $p ;;`,
  );
  const script = `#!/bin/sh\ncase $* in\n${lines.join('\n')}\n*) exit 2 ;;\nesac\n`;
  writeFileSync(join(folder, 'nvidia-smi'), script, { mode: 0o755 });
  const ticker = startTicker(pipes, tickings);
  cleanup.add(() => ticker.stop());
  return { path: folder, cases, streams, ticker };
}
