import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DebianRoot } from './support/debian-root.ts';
import { startDockerEngine } from './support/docker-engine.ts';
import { type InstallSite, pids, siteOf, startInstallSite } from './support/install-site.ts';
import { mustRun, runProgram } from './support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
let found: InstallSite | string = '';
beforeAll(async () => {
  found = await startInstallSite(cleanup);
}, 900_000);
afterAll(() => cleanup.run());

const site = (): InstallSite => siteOf(found);
const shell: DebianRoot['shell'] = (...words) => site().debian.shell(...words);
const told = async (script: string): Promise<string> => {
  const { code, stdout, stderr } = await shell(script);
  expect(code, stderr).toBe(0);
  return stdout.trim();
};
/** Over the machine's own: device files of GPUs, which the script gives to groups. */
const ownDevices = (script: string) =>
  told(
    `mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && touch /dev/nvidiactl /dev/nvidia0 && chmod 660 /dev/nvidia* && ${script}`,
  );
const ownDevicesGone = 'umount -l /dev';
const install = async (words: string, environment = ''): Promise<string> => {
  const { code, stderr } = await shell(`${environment}${site().command(words)}`, { seconds: 120 });
  expect(code, stderr).toBe(0);
  return stderr;
};
const ofAgent = pids('gpufleet-agent.mjs --hub');
const ofProxy = pids('gpufleet-agent.mjs docker-proxy');
/** Of a process there, by the script that prints its pid. */
const statusOf = async (pid: string, name: string): Promise<string> =>
  new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(await told(`cat /proc/$(${pid})/status`))?.[1]?.trim() ?? '';
const capability = (...numbers: number[]): number => numbers.reduce((sum, each) => sum + 2 ** each, 0);
const groupNumber = async (name: string): Promise<string> =>
  (await told(`getent group ${name}`)).split(':')[2] ?? '';
const labels = async () =>
  Object.fromEntries(
    (await site().host()).labels
      .filter(({ key }) => ['rack', 'row'].includes(key))
      .map(({ key, value }) => [key, value]),
  );
const agentOnceMore = (before: string) =>
  eventually(async () => {
    const { agent } = await site().host();
    return agent !== null && agent.startedAt !== before ? agent : null;
  });

describe('what is set when the agent is installed', () => {
  test('a token comes from the environment, and stays there', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const { words, token } = site();
    await install(
      `${words} --nvidia-smi /player/nvidia-smi --interval 1s --label "rack=a 1" --label row=2`,
      `export GPUFLEET_TOKEN=${token}; `,
    );
    await eventually(async () => (await site().host()).state === 'ok');
    expect(await labels()).toEqual({ rack: 'a 1', row: '2' });
    expect(await told(`tr '\\0' '\\n' </proc/$(${ofAgent})/environ`)).not.toContain('GPUFLEET_TOKEN');
  });

  test('what is not given anew stays as it was, until it is to be forgotten', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const { words, token } = site();
    const before = (await site().host()).agent?.startedAt ?? '';
    await told(`umask 077; echo ${token} >/root/token`);
    const said = await install(`${words} --token-file /root/token --label rack=b2`);
    expect(said).toContain("'--label' 'row=2' (--forget-options leaves it out)");
    const again = await agentOnceMore(before);
    expect(await labels()).toEqual({ rack: 'b2', row: '2' });
    expect(await told('cat /etc/gpufleet-agent/token')).toBe(token);
    await install('--forget-options --nvidia-smi /player/nvidia-smi --interval 1s --label row=3');
    await agentOnceMore(again.startedAt);
    expect(await labels()).toEqual({ row: '3' });
  });

  test('its log stays unreadable to others when it is begun anew', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const log = '/var/log/gpufleet-agent.log';
    await told(`head -c 1100000 /dev/zero >>${log}; kill -9 $(${ofAgent})`);
    await eventually(async () => (await shell(`test -e ${log}.1 && test -e ${log}`)).code === 0);
    expect(await told(`stat -c %a ${log} ${log}.1`)).toBe('640\n640');
  });

  test('it is in the groups that own the GPUs’ device files', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    await ownDevices('chgrp video /dev/nvidiactl && chgrp 4711 /dev/nvidia0');
    const before = (await site().host()).agent?.startedAt ?? '';
    await install('--access gpu');
    await agentOnceMore(before);
    expect((await statusOf(ofAgent, 'Groups')).split(' ')).toEqual(
      expect.arrayContaining([await groupNumber('video'), await groupNumber('gpufleet-agent'), '4711']),
    );
    await told(ownDevicesGone);
  });
});

describe('the levels of access', () => {
  test('containers are told through a proxy that has Docker’s socket and no network', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const { debian, host } = site();
    const engine = await startDockerEngine(cleanup, { takesGpus: true });
    await engine.createImage('example/cuda:12', { CUDA_VERSION: '12.4.1', NVIDIA_API_KEY: 'hunter2' });
    await engine.runContainer('trainer', 'example/cuda:12', ['--gpus', 'all', '--label', 'team=a']);
    await told('groupadd --system docker && touch /run/docker.sock');
    await mustRun(['chgrp', await groupNumber('docker'), engine.socket]);
    await mustRun(['chmod', '660', engine.socket]);
    await mustRun(
      ['nsenter', `--target=${debian.pid}`, '--mount', 'mount', '--bind', engine.socket].concat(
        `${debian.path.replace(/^\/proc\/\d+\/root/, '')}/run/docker.sock`,
      ) as [string, ...string[]],
    );

    await install('--access containers');
    const container = await eventually(
      async () => (await host()).containers.find(({ name }) => name === 'trainer') ?? null,
    );
    expect(container).toMatchObject({ image: 'example/cuda:12', labels: { team: 'a' } });
    expect(JSON.stringify(await host())).not.toContain('hunter2');
    expect((await host()).agent?.code).toMatchObject({ access: 'containers' });
    const docker = await groupNumber('docker');
    expect((await statusOf(ofAgent, 'Groups')).split(' ')).not.toContain(docker);
    expect(await statusOf(ofProxy, 'Groups')).toBe(docker);
    expect(await told(`stat -c %U /proc/$(${ofProxy})`)).toBe('gpufleet-docker');
    expect(Number.parseInt(await statusOf(ofProxy, 'CapBnd'), 16)).toBe(0);
    const network = async (pid: string) => told(`readlink /proc/$(${pid})/ns/net`);
    expect(await network(ofProxy)).not.toBe(await network(ofAgent));
  });

  test('processes add one capability, and a proxy of the same build as the agent', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const before = (await site().host()).agent?.startedAt ?? '';
    const proxyBefore = (await shell(ofProxy)).stdout;
    await install('--access processes');
    await agentOnceMore(before);
    expect((await site().host()).agent?.code).toMatchObject({ access: 'processes' });
    for (const set of ['CapBnd', 'CapEff', 'CapAmb'])
      expect(Number.parseInt(await statusOf(ofAgent, set), 16), set).toBe(capability(34, 19));
    const proxy = (await shell(ofProxy)).stdout;
    expect(proxy).toMatch(/^\d+\n$/);
    expect(proxy).not.toBe(proxyBefore);
  });

  test('back to GPUs alone nothing of it is left', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const before = (await site().host()).agent?.startedAt ?? '';
    await install('--access gpu');
    await agentOnceMore(before);
    expect((await site().host()).agent?.code).toMatchObject({ access: 'gpu' });
    expect(Number.parseInt(await statusOf(ofAgent, 'CapBnd'), 16)).toBe(capability(34));
    expect((await shell(ofProxy)).stdout).toBe('');
  });
});

describe('with systemd', () => {
  const units = '/etc/systemd/system';
  const installed = (name: string): string => readFileSync(join(site().debian.path, units, name), 'utf8');
  /** What systemd is asked, one a line. */
  const asked = async () => (await told('cat /asked; rm /asked')).split('\n');
  test('it gets units that it takes, with groups and capabilities of the level', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    await told(`mkdir -p /run/systemd/system ${units}`);
    writeFileSync(join(site().debian.path, 'usr/sbin/systemctl'), '#!/bin/sh\necho "$@" >>/asked\n', {
      mode: 0o755,
    });
    await ownDevices('chgrp video /dev/nvidia*');
    await install('--supervisor systemd --access processes');
    await told(ownDevicesGone);
    expect(await asked()).toEqual([
      'daemon-reload',
      'enable gpufleet-docker-proxy',
      'restart gpufleet-docker-proxy',
      'enable gpufleet-agent',
      'restart gpufleet-agent',
    ]);
    // The loop of before is gone: two would want the same state.
    expect((await shell(ofAgent)).stdout).toBe('');
    expect(existsSync(join(site().debian.path, 'opt/gpufleet-agent/supervise'))).toBe(false);
    expect(installed('gpufleet-agent.service.d/installed.conf').trim().split('\n')).toEqual([
      '[Service]',
      'SupplementaryGroups=video',
      'AmbientCapabilities=CAP_SYS_PTRACE',
      'CapabilityBoundingSet=CAP_SYS_PTRACE',
    ]);
    const folder = temporaryFolder(cleanup, 'units');
    cpSync(join(site().debian.path, units), folder, { recursive: true });
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    cpSync(join(site().debian.path, 'opt/gpufleet-agent'), programs, { recursive: true });
    const services = readdirSync(folder).filter((name) => name.endsWith('.service'));
    expect(services.sort()).toEqual(['gpufleet-agent.service', 'gpufleet-docker-proxy.service']);
    for (const name of services) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('/opt/gpufleet-agent', programs));
      const verify = ['systemd-analyze', 'verify', '--man=no', path] as const;
      const env = { SYSTEMD_UNIT_PATH: `${folder}:` };
      expect(await runProgram(verify, { env }), name).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('back to GPUs alone it keeps nothing of the level', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    await install('--access gpu');
    expect(await asked()).toEqual([
      'disable --now gpufleet-docker-proxy',
      'daemon-reload',
      'enable gpufleet-agent',
      'restart gpufleet-agent',
    ]);
    const { debian } = site();
    for (const name of ['gpufleet-docker-proxy.service', 'gpufleet-agent.service.d/installed.conf'])
      expect(existsSync(join(debian.path, units, name)), name).toBe(false);
    await install('--uninstall');
    expect(readdirSync(join(debian.path, units)).filter((name) => name.startsWith('gpufleet'))).toEqual([]);
  });
});
