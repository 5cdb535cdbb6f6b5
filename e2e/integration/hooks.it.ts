import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostDetail } from '../../lib/model/index.ts';
import { pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { root } from './support/played-agent.ts';
import { runProgram } from './support/programs.ts';
import { enroll, hostId, pushOnce } from './support/pusher.ts';
import { Cleanup, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const hooks = join(root, 'deploy', 'hooks');
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** An agent that notes what it is told. */
function noter(exitCode = 0): { readonly env: Record<string, string>; told(): string } {
  const folder = temporaryFolder(cleanup, 'hooks');
  const agent = join(folder, 'gpufleet-agent');
  const log = join(folder, 'told');
  writeFileSync(log, '');
  writeFileSync(agent, `#!/bin/sh\necho "$@" >> ${log}\nexit ${exitCode}\n`);
  chmodSync(agent, 0o755);
  const run = join(folder, 'run');
  mkdirSync(run);
  return { env: { GPUFLEET_AGENT: agent, GPUFLEET_RUN: run }, told: () => readFileSync(log, 'utf8') };
}

const protocol3 = (...lines: string[]): string =>
  ['VERSION 3', 'APT::Architecture=amd64', '', ...lines, ''].join('\n');

describe('apt', () => {
  const change = [join(hooks, 'apt', 'driver-change')] as const;
  const changed = [join(hooks, 'apt', 'driver-changed')] as const;

  test.each([
    [
      'an upgrade',
      protocol3(
        'nvidia-driver-580 580.95-1 amd64 none < 590.44-1 amd64 none /var/cache/apt/archives/nvidia-driver-590_590.44-1_amd64.deb',
      ),
    ],
    ['a removal', protocol3('libnvidia-compute-580 580.95-1 amd64 same > - - none **REMOVE**')],
    [
      'files only',
      '/var/cache/apt/archives/curl_8_amd64.deb\n/var/cache/apt/archives/nvidia-dkms-580_580.95_amd64.deb\n',
    ],
  ])('%s of the driver pauses, and afterwards resumes', async (_, input) => {
    const agent = noter();
    expect(await runProgram(change, { env: agent.env, input })).toMatchObject({ code: 0 });
    expect(agent.told()).toBe('pause --for 30m --reason apt changes the NVIDIA driver\n');
    expect(await runProgram(changed, { env: agent.env })).toMatchObject({ code: 0 });
    expect(agent.told().split('\n')[1]).toBe('resume');
  });

  test('nothing else does, and what a person paused stays so', async () => {
    const agent = noter();
    const input = protocol3(
      'curl 8 amd64 none < 9 amd64 none /var/cache/apt/archives/curl_9_amd64.deb',
      'nvidia-container-toolkit 1 amd64 none < 2 amd64 none /x/nvidia-container-toolkit_2_amd64.deb',
    );
    await runProgram(change, { env: agent.env, input });
    await runProgram(changed, { env: agent.env });
    expect(agent.told()).toBe('');
  });

  test('an agent that does not let go does not stop the upgrade, and is told of', async () => {
    const agent = noter(1);
    const ended = await runProgram(change, { env: agent.env, input: 'cuda-drivers_1_amd64.deb\n' });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/was not paused/);
  });
});

describe('drains', () => {
  let hub: TestHub;
  let env: Record<string, string>;
  beforeAll(async () => {
    hub = await startTestHub(cleanup);
    for (const hostname of ['gpu-01', 'gpu-02']) {
      const credential = await enroll(hub.url, await hub.enrollmentToken(), hostname);
      const host = { id: hostId(hostname), hostname, labels: {} };
      const at = new Date().toISOString();
      await pushOnce(hub.url, pushFixture({ host, sentAt: at, reports: [reportFixture({ takenAt: at })] }), {
        credential,
      });
    }
    const tokenFile = join(temporaryFolder(cleanup, 'token'), 'token');
    writeFileSync(tokenFile, await hub.apiToken('operator'), { mode: 0o600 });
    env = { GPUFLEET_URL: hub.url, GPUFLEET_API_TOKEN_FILE: tokenFile };
  });
  const drain = (...words: string[]) => runProgram([join(hooks, 'drain'), ...words], { env });
  const asked = async (hostname: string) =>
    (await hub.getJson<HostDetail>(`/api/v1/hosts/${hostId(hostname)}`)).askedPause;

  test('by name, of several nodes, and back', async () => {
    expect(await drain('pause', 'gpu-01', 'gpu-02')).toMatchObject({ code: 0 });
    expect(await asked('gpu-02')).toMatchObject({ reason: 'drained' });
    expect(await drain('resume', 'gpu-01')).toMatchObject({ code: 0 });
    expect([await asked('gpu-01'), (await asked('gpu-02'))?.reason]).toEqual([null, 'drained']);
  });

  test('a node that the hub does not know, and no name at all, are said', async () => {
    const unknown = await drain('pause', 'gpu-99');
    expect(unknown.code).not.toBe(0);
    expect(unknown.stdout).toContain('There is no host gpu-99.');
    expect((await drain('pause', 'gpu-01"],"x":["')).code).toBe(2);
    expect((await drain('pause')).code).toBe(2);
  });
});
