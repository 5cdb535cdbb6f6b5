import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSmiXml } from '../../../../lib/nvidia-smi/index.ts';
import { writePlayer } from './install.ts';

const recording = fileURLToPath(new URL('../hosts/rtx4090x4', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'gpufleet player '));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const run = promisify(execFile);

describe('the executable', () => {
  it('prints, streams, follows its control file and ends by SIGTERM', async () => {
    const player = await writePlayer(join(base, 'a'), { recording, motion: false });
    const { stdout } = await run(player.nvidiaSmi, ['-q', '-x']);
    expect(parseSmiXml(stdout)).toMatchObject({
      failure: null,
      driverVersion: '570.211.01',
      attachedGpus: 4,
    });

    const child = spawn(player.nvidiaSmi, [
      '--query-gpu=index,utilization.gpu',
      '--format=csv',
      '-lms',
      '25',
    ]);
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (lines.length === 5)
        await player.update({ recording, motion: false, set: { 2: { 'utilization.gpu': 42 } } });
      if (line === '2, 42 %' || lines.length > 400) break;
    }
    expect(lines.slice(0, 5)).toEqual([
      'index, utilization.gpu [%]',
      '0, 12 %',
      '1, 97 %',
      '2, 0 %',
      '3, 54 %',
    ]);
    expect(lines.at(-1)).toBe('2, 42 %');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });

  it('fails as told, and refuses a control file with one line', async () => {
    const player = await writePlayer(join(base, 'b'), { recording, fault: 'no-devices' });
    await expect(run(player.nvidiaSmi, ['-L'])).rejects.toMatchObject({
      code: 6,
      stdout: 'No devices were found\n',
    });
    await player.update({ recording, fault: 'nonsense' as never });
    await expect(run(player.nvidiaSmi, ['-L'])).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^nvidia-smi-player: .*player\.json: fault: .*\n$/),
    });
  });

  it('hangs in the middle of a sample, deaf to SIGTERM when told', async () => {
    const fault = { kind: 'hang-mid-sample', ignoreSigterm: true } as const;
    const player = await writePlayer(join(base, 'c'), { recording, fault });
    const child = spawn(player.nvidiaSmi, ['--query-gpu=index,uuid', '--format=csv,noheader', '-lms', '25']);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^0, GPU-[^\n]+\n1, G[^\n]*$/);
    child.kill('SIGTERM');
    const ended = once(child, 'exit');
    expect(
      await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve('still there'), 80))]),
    ).toBe('still there');
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});
