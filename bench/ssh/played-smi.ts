import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createReplayAccess } from '../../agents/access/replay/index.ts';
import { createCollector } from '../../agents/collect/index.ts';

const limits = { deadlineSeconds: 10, maxOutputBytes: 8 * 1024 * 1024 };

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

/** What a played nvidia-smi streams, as a command line, and the same asked once. */
export interface PlayedStream {
  readonly held: string;
  readonly once: string;
}

export interface PlayedSmi {
  readonly path: string;
  readonly streams: readonly PlayedStream[];
}

/** A played nvidia-smi that costs next to nothing: a shell that prints what a recording has. */
export async function writePlayedSmi(
  folder: string,
  recording: string,
  intervalSeconds: number,
): Promise<PlayedSmi> {
  const recorded = await createReplayAccess(recording, { speed: 0 });
  const cases: string[] = [];
  const streams: PlayedStream[] = [];
  const path = join(folder, 'nvidia-smi');
  mkdirSync(folder, { recursive: true });
  for (const [at, words] of (await askedOf(recorded, intervalSeconds)).entries()) {
    const { words: asked, everySeconds } = once(words);
    const { stdout } = await recorded.run(['nvidia-smi', ...asked], limits);
    const said = join(folder, `said-${at}`);
    writeFileSync(said, stdout);
    writeFileSync(`${said}-more`, words[0] === 'pmon' ? stdout : stdout.replace(/^.*\n/, ''));
    const more = everySeconds === null ? '' : `; while sleep ${everySeconds}; do cat ${said}-more; done`;
    cases.push(`'${words.join(' ')}') cat ${said}${more} ;;`);
    if (everySeconds === null) continue;
    cases.push(`'${asked.join(' ')}') cat ${said} ;;`);
    streams.push({ held: `${path} ${words.join(' ')}`, once: `${path} ${asked.join(' ')}` });
  }
  await recorded.close();
  writeFileSync(path, `#!/bin/sh\ncase $* in\n${cases.join('\n')}\n*) exit 2 ;;\nesac\n`, { mode: 0o755 });
  return { path, streams };
}
