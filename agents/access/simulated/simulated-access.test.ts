import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseQueryGpu, parseSmiXml, queryGpuFields } from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../host-access.ts';
import { createReplayAccess, loadRecording } from '../replay/index.ts';
import { hostFolder } from './hosts/write/host-folder.ts';
import { ownHosts } from './hosts/write/own-hosts.ts';
import { createSimulatedAccess } from './index.ts';

const folderOf = (name: string): string => fileURLToPath(new URL(`hosts/${name}`, import.meta.url));
const limits = { deadlineSeconds: 5, maxOutputBytes: 2 ** 24 };
const streamLimits = { startDeadlineSeconds: 5, sampleDeadlineSeconds: 5, maxLineBytes: 65_536 };
const query = `--query-gpu=${queryGpuFields.join(',')}`;

async function simulated(settings = {}, hostname = 'sim-1') {
  const recording = await loadRecording(folderOf('h100x8-mig'));
  return createSimulatedAccess({ recording, hostname, settings });
}

async function get(access: HostAccess, path: string): Promise<{ status: number; body: unknown }> {
  const socket = await access.connect('/var/run/docker.sock', { deadlineSeconds: 1 });
  return new Promise((resolve, reject) => {
    const call = request({ path, createConnection: () => socket as never }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    call.on('error', reject);
    call.end();
  });
}

async function firstLines(access: HostAccess, count: number): Promise<string[]> {
  const stream = access.stream(['nvidia-smi', query, '--format=csv', '-lms', '20'], streamLimits);
  const lines: string[] = [];
  for await (const line of stream.lines) if (lines.push(line) >= count) break;
  await stream.stop();
  expect(await stream.ended).toMatchObject({ reason: 'stopped' });
  return lines;
}

describe('the recorded hosts of our own', () => {
  it.each(ownHosts.map((host) => [host.name, host] as const))(
    '%s is what scripts/write-hosts.ts writes',
    (name, host) => {
      for (const [file, text] of hostFolder(host)) {
        const path = `${folderOf(name)}/${file}`;
        expect(existsSync(path), path).toBe(true);
        const written = readFileSync(path, 'utf8');
        if (file.endsWith('.json')) expect(JSON.parse(written)).toEqual(JSON.parse(text));
        else expect(written).toBe(text);
      }
    },
  );

  it.each(ownHosts.map((host) => [host.name, host] as const))('%s has memory that adds up', (_name, host) => {
    const document = parseSmiXml(hostFolder(host).get('commands/nvidia-smi-q-x.xml')!);
    expect(document).toMatchObject({
      failure: null,
      problems: [],
      driverVersion: host.driverVersion,
      cudaVersion: host.cudaVersion,
    });
    for (const { gpu } of document.gpus) {
      const { usedBytes, freeBytes, reservedBytes, totalBytes } = gpu.memory;
      expect(usedBytes! + freeBytes! + (reservedBytes ?? 0)).toBe(totalBytes);
      expect(freeBytes).toBeGreaterThan(0);
    }
  });
});

describe('createSimulatedAccess', () => {
  it('answers commands, files and Docker as the recorded host, under ids of its own', async () => {
    const one = await simulated({}, 'one');
    const two = await simulated({}, 'two');
    const xml = await one.run(['/usr/bin/nvidia-smi', '-q', '-x'], limits);
    expect(xml).toMatchObject({ outcome: 'exited', exitCode: 0 });
    const uuids = async (access: HostAccess): Promise<unknown[]> =>
      parseSmiXml((await access.run(['nvidia-smi', '-q', '-x'], limits)).stdout).gpus.map(
        ({ gpu }) => gpu.uuid,
      );
    expect(new Set([...(await uuids(one)), ...(await uuids(two))]).size).toBe(16);
    expect(await one.run(['nvidia-ctk', '--version'], limits)).toMatchObject({ outcome: 'exited' });
    expect(await one.run(['rocm-smi'], limits)).toMatchObject({ outcome: 'not-found' });
    expect(await one.hostname()).toBe('one');

    const list = (await get(one, '/v1.41/containers/json?all=0')).body as { Id: string; Names: string[] }[];
    const other = (await get(two, '/containers/json')).body as { Id: string }[];
    expect(list.map(({ Id }) => Id)).not.toEqual(other.map(({ Id }) => Id));
    const cgroup = await one.readFile('/proc/32455/cgroup', { maxBytes: 4096, deadlineSeconds: 1 });
    const owner = list.find(({ Names }) => Names[0] === '/vllm-70b')!;
    expect(cgroup).toMatchObject({ outcome: 'read', text: `0::/system.slice/docker-${owner.Id}.scope\n` });
    expect((await get(one, `/containers/${owner.Id}/json`)).body).toMatchObject({ Id: owner.Id });
    expect(await get(one, '/containers/nobody/json')).toMatchObject({ status: 404 });
    await expect(one.connect('/run/podman.sock', { deadlineSeconds: 1 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await one.readFile('/etc/shadow', { maxBytes: 9, deadlineSeconds: 1 })).toMatchObject({
      outcome: 'absent',
    });
    await Promise.all([one.close(), two.close()]);
  });

  it('streams in real time and follows changes in the middle', async () => {
    const access = await simulated({ gpuCount: 2 });
    const stream = access.stream(
      ['nvidia-smi', query, '--format=csv,noheader,nounits', '-lms', '15'],
      streamLimits,
    );
    const column = queryGpuFields.indexOf('utilization.gpu');
    const seen: string[] = [];
    for await (const line of stream.lines) {
      seen.push(line.split(', ')[column]!);
      if (seen.length === 2)
        access.change({ set: { 0: { 'utilization.gpu': 3 }, 1: { 'utilization.gpu': 4 } } });
      if (seen.length === 6) access.setFault('driver-not-loaded');
      if (seen.length > 40) break;
    }
    expect(seen.slice(2, 6)).toEqual(['3', '4', '3', '4']);
    expect(await stream.ended).toMatchObject({ reason: 'exited', exitCode: 9 });
    await access.close();
  });

  it('keeps its deadlines and caps', async () => {
    const access = await simulated({ fault: 'hang-mid-sample' });
    const tight = { deadlineSeconds: 0.05, maxOutputBytes: 2 ** 24 };
    const hung = await access.run(['nvidia-smi', '-q', '-x'], tight);
    expect(hung.outcome).toBe('timeout');
    expect(parseSmiXml(hung.stdout).failure?.code).toBe('truncated');
    const stream = access.stream(['nvidia-smi', query, '--format=csv', '-lms', '20'], {
      ...streamLimits,
      sampleDeadlineSeconds: 0.05,
    });
    expect(await stream.ended).toMatchObject({ reason: 'sample-timeout' });
    access.setFault({ kind: 'slow-start', seconds: 9 });
    const late = access.stream(['nvidia-smi', query, '--format=csv', '-lms', '20'], {
      ...streamLimits,
      startDeadlineSeconds: 0.05,
    });
    expect(await late.ended).toMatchObject({ reason: 'start-timeout' });
    access.setFault(null);
    const full = await access.run(['nvidia-smi', '-q', '-x'], { deadlineSeconds: 5, maxOutputBytes: 1000 });
    expect(full.outcome).toBe('too-much-output');
    expect(full.stdout).toHaveLength(1000);
    await access.close();
  });

  it('is left at once when it is closed', async () => {
    const access = await simulated({ fault: { kind: 'hang-start' } });
    const running = access.run(['nvidia-smi', '-q', '-x'], limits);
    await access.close();
    expect((await running).outcome).toBe('signalled');
    expect((await access.run(['nvidia-smi', '-L'], limits)).outcome).toBe('not-found');
  });
});

describe('createReplayAccess', () => {
  it('answers word by word as recorded, and streams the recorded values', async () => {
    const folder = folderOf('t4-cloud');
    const access = await createReplayAccess(folder, { speed: 0 });
    const xml = await access.run(['nvidia-smi', '-q', '-x'], limits);
    expect(xml.stdout).toBe(readFileSync(`${folder}/commands/nvidia-smi-q-x.xml`, 'utf8'));
    const lines = await firstLines(access, 3);
    const [row] = parseQueryGpu(`${lines.slice(0, 2).join('\n')}\n`).gpus;
    const { gpu } = parseSmiXml(xml.stdout).gpus[0]!;
    expect(row!.gpu.power?.drawWatts).toBe(gpu.power.drawWatts);
    expect(await access.run(['nvidia-smi', '-q'], limits)).toMatchObject({ outcome: 'exited', exitCode: 2 });
    expect(await access.run(['dmesg'], limits)).toMatchObject({ outcome: 'not-found' });
    expect((await get(access, '/version')).body).toMatchObject({ Version: '26.1.4' });
    await access.close();
  });

  it('says what is wrong with a folder that is no recording', async () => {
    await expect(createReplayAccess('/nowhere')).rejects.toThrow('/nowhere: there is no such file or folder');
    await expect(createReplayAccess(folderOf('.'))).rejects.toThrow(/host\.json: there is no such file/);
  });
});
