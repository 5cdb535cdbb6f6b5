import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import { playersAt } from './support/open-files.ts';
import { runProgram } from './support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';

const root = new URL('../..', import.meta.url).pathname;
const program = join(root, 'bin', 'gpufleet.js');
const recorded = join(root, 'agents/access/simulated/hosts/h100x8');
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const gpufleet = (...words: string[]) => runProgram([process.execPath, program, ...words]);
/** The same in a shell, where its stdout leads elsewhere; `code` is the program's own. */
const into = (where: string, ...words: string[]) =>
  runProgram([
    'bash',
    '-c',
    `"$@" ${where}; exit "\${PIPESTATUS[0]}"`,
    'bash',
    process.execPath,
    program,
    ...words,
  ]);

describe('an output that takes no more', () => {
  it('is told in one line where the disk is full', async () => {
    const { code, stderr } = await into('>/dev/full', 'replay', recorded, '--json');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'gpufleet: the output: no space is left on the disk\n',
    });
  });

  it('is no error to speak of where its reader went away', async () => {
    const { code, stderr } = await into('| true', 'replay', recorded, '--json');
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  });
});

describe('an agent whose reports nobody reads any more', () => {
  it('ends, and what it started too', async () => {
    const folder = temporaryFolder(cleanup);
    const { nvidiaSmi } = await writePlayer(join(folder, 'player'), { recording: recorded });
    const options = [
      '--stdout',
      '--nvidia-smi',
      nvidiaSmi,
      '--state-dir',
      join(folder, 'state'),
      '--no-docker',
    ];
    const { code, stderr } = await into('| head -c 100 >/dev/null', 'agent', ...options);
    expect(code, stderr).toBe(3);
    await eventually(() => playersAt(join(folder, 'player')).length === 0, {
      seconds: 3,
      what: 'no player to be left',
    });
  }, 60_000);
});

describe('a path that leads nowhere', () => {
  const nowhere = 'there is no such file or folder\n';
  it.each([
    [['replay', '/nope'], `gpufleet replay: /nope: ${nowhere}`],
    [['replay', '/proc'], `gpufleet replay: /proc/host.json: ${nowhere}`],
    [['doctor', '--recorded', '/nope'], `gpufleet doctor: /nope: ${nowhere}`],
    [['doctor', '--nvidia-smi', '/etc'], 'gpufleet doctor: --nvidia-smi: /etc: is a directory\n'],
    [['doctor', '--nvidia-smi', '/nope'], `gpufleet doctor: --nvidia-smi: /nope: ${nowhere}`],
    [
      ['capture', '-o', '-'],
      'gpufleet capture: -o: a capture is a file, to be looked into before it is sent; name one\n',
    ],
    [['capture', '-o', '/nope/a.tar.gz'], `gpufleet capture: /nope/a.tar.gz: ${nowhere}`],
    [
      ['agent', '--hub', 'http://127.0.0.1:1', '--token-file', '/nope'],
      `gpufleet agent: --token-file: /nope: ${nowhere}`,
    ],
    [
      ['agent', '--hub', 'http://127.0.0.1:1', '--token-file', '/proc'],
      'gpufleet agent: --token-file: /proc: is a directory\n',
    ],
    [
      ['simulate', '--hub', 'http://127.0.0.1:1', '--token-file', '/nope', '--hosts', '1', '--gpus', '1'],
      `gpufleet simulate: --token-file: /nope: ${nowhere}`,
    ],
  ])('%j is told in words', async (words, stderr) => {
    expect(await gpufleet(...words)).toEqual({ code: 2, stdout: '', stderr });
  });
});

it('a capture is as large as it is said to be', async () => {
  const path = join(temporaryFolder(cleanup), 'a.tar.gz');
  const { code, stdout } = await gpufleet('capture', '--no-docker', '-o', path);
  const size = (statSync(path).size / 1024).toPrecision(3);
  expect({ code, first: stdout.split(',', 1)[0] }).toEqual({ code: 0, first: `${path}: ${size} KiB` });
});

describe("the hub's commands", () => {
  it('take their folder before or after their name', async () => {
    const folder = temporaryFolder(cleanup);
    const after = await gpufleet('hub', 'token', 'list', '--data', folder);
    expect(after.stderr).toContain(`no hub has used ${folder} yet`);
    expect(await gpufleet('hub', '--data', folder, 'token', 'list')).toEqual(after);
    expect(await gpufleet('hub', `--data=${folder}`, 'token', 'list')).toEqual(after);
  });
});
