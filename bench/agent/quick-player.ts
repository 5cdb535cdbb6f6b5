import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlInput } from '../../agents/access/simulated/player/control.ts';
import { ControlledHost } from '../../agents/access/simulated/player/control-file.ts';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import { perform } from '../../agents/access/simulated/player/perform.ts';
import { feedStream } from './feed-stream.ts';

export interface QuickPlayer {
  readonly nvidiaSmi: string;
  stop(): void;
}

const renewedMilliseconds = 1000;

/** What a command prints until it ends; null for a stream, which goes on. */
function wholeOutput(argv: readonly string[], host: ControlledHost): string | null {
  let text = '';
  for (const step of perform(argv, () => host.look(new Date()))) {
    if (step.kind === 'exit') return step.exitCode === 0 ? text : null;
    if (step.kind !== 'write') return null;
    text += step.text;
  }
  return text;
}

function replace(path: string, text: string, mode = 0o644): void {
  writeFileSync(`${path}.part`, text, { mode });
  renameSync(`${path}.part`, path);
}

/**
 * A played nvidia-smi that costs what `cat` costs, each start and each sample of a stream: what is compared with forking
 * must be neither the start of Node nor its playing. The first time that a command is asked, the player itself runs.
 */
export async function writeQuickPlayer(folder: string, control: ControlInput): Promise<QuickPlayer> {
  const player = await writePlayer(folder, control);
  const slow = readFileSync(player.nvidiaSmi, 'utf8').split('\n')[1] ?? '';
  const host = new ControlledHost(player.control);
  const askedPath = join(folder, 'asked');
  writeFileSync(askedPath, '');
  const lines: string[] = [];
  const streams = new Set<number>();
  const feeds = new Map<string, () => void>();

  const answerOf = (at: number): string => join(folder, `answer-${at}`);
  const writeProgram = (): void => {
    const cases = lines.map((line, at) =>
      streams.has(at)
        ? `'${line}') mkfifo '${folder}/stream-${at}'.$$ && exec cat '${folder}/stream-${at}'.$$ ;;`
        : `'${line}') exec cat '${answerOf(at)}' ;;`,
    );
    const program = ['#!/bin/sh', 'case "$*" in', ...cases, 'esac', `echo "$*" >>'${askedPath}'`, slow, ''];
    replace(player.nvidiaSmi, program.join('\n'), 0o755);
  };
  const answer = (at: number): void => {
    if (streams.has(at)) return;
    const text = wholeOutput((lines[at] ?? '').split(' '), host);
    if (text === null) streams.add(at);
    else replace(answerOf(at), text);
  };
  const feed = (): void => {
    for (const name of readdirSync(folder)) {
      const [, at] = /^stream-(\d+)\.\d+$/.exec(name) ?? [];
      if (at === undefined || feeds.has(name)) continue;
      const path = join(folder, name);
      const steps = perform((lines[Number(at)] ?? '').split(' '), () => host.look(new Date()));
      const stop = feedStream(path, steps, () => rmSync(path, { force: true }));
      if (stop !== null) feeds.set(name, stop);
    }
  };
  const renew = (): void => {
    const before = lines.length;
    for (const line of readFileSync(askedPath, 'utf8').split('\n'))
      if (line !== '' && !lines.includes(line)) lines.push(line);
    for (const at of lines.keys()) answer(at);
    if (lines.length > before) writeProgram();
    feed();
  };
  writeProgram();
  const timer = setInterval(renew, renewedMilliseconds);
  return {
    nvidiaSmi: player.nvidiaSmi,
    stop() {
      clearInterval(timer);
      for (const end of feeds.values()) end();
    },
  };
}
