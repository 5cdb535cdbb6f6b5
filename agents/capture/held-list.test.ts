import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { HostAccess } from '../access/host-access.ts';
import { createLocalAccess } from '../access/local/index.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import { fileWay, journalWay, kmsgWay, wholeJournal } from '../collect/faults/read.ts';
import { createCollector } from '../collect/index.ts';
import { slurmCommand } from '../collect/labels/read.ts';
import { readSoftware } from '../software/read.ts';
import { takeCapture } from './take-capture.ts';

const script = fileURLToPath(new URL('../../deploy/ssh/gpufleet-ssh', import.meta.url));
const hosts = fileURLToPath(new URL('../access/simulated/hosts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpufleet-held-'));
const near = createLocalAccess();
afterAll(async () => {
  await near.close();
  rmSync(folder, { recursive: true });
});

const runLine = (command: readonly string[]): string => `run ${command.join('\t')}`;

/** Notes each thing that is asked of a host, as the script's --judge reads it. */
function noting(access: HostAccess, asked: Set<string>): HostAccess {
  return {
    ...access,
    run(command, options) {
      asked.add(runLine(command));
      return access.run(command, options);
    },
    stream(command, options) {
      asked.add(runLine(command));
      return access.stream(command, options);
    },
    readFile(path, options) {
      asked.add(`read ${path}`);
      return access.readFile(path, options);
    },
    listFolder(path, options) {
      asked.add(`list ${path}`);
      return access.listFolder(path, options);
    },
  };
}

async function judged(shell: string, asked: Iterable<string>): Promise<readonly string[]> {
  const path = join(folder, 'asked');
  writeFileSync(path, `${[...asked].join('\n')}\n`);
  const command = `exec ${shell} "$1" --judge <"$2"`;
  const result = await near.run(['sh', '-c', command, 'sh', script, path], {
    deadlineSeconds: 20,
    maxOutputBytes: 4_000_000,
  });
  expect(result).toMatchObject({ outcome: 'exited', exitCode: 0, stderr: '' });
  return result.stdout.trim().split('\n');
}

/** What only an agent in a pod reads: it is not there for an account, and a token is nobody else's. */
const notForAccounts = /serviceaccount/;

test('the forced command serves everything that the collector, the doctor and a capture ask of each recorded host', async () => {
  const asked = new Set<string>();
  for (const name of ['h100x8-mig', 'gb200x4', 'rtx4090x4', 'v100x4', 't4-cloud']) {
    const access = noting(await createReplayAccess(join(hosts, name), { speed: 0 }), asked);
    const collector = createCollector(access, {
      intervalSeconds: 1,
      nvidiaSmiPath: null,
      dockerSocketPath: null,
      kernelLog: 'auto',
    });
    const sampled = new Promise<void>((resolve) => collector.onSample(() => resolve()));
    await collector.start();
    await sampled;
    await collector.stop();
    await readSoftware({ access, dockerSocketPath: null, gpuSoftware: null });
    await takeCapture({ access, nvidiaSmiPath: null, dockerSocketPath: null, deadlineSeconds: 10 });
    await access.close();
  }
  // Asked only where a recording does not lead: Slurm, and the ways to the kernel's log.
  for (const command of [
    slurmCommand('gpu-17.cluster.example'),
    kmsgWay.resume(null, 0),
    journalWay.resume(null, 0),
    wholeJournal,
    journalWay.resume('s=6c3a;i=1f;b=9d0c;m=3a;t=5f;x=1', 3),
    fileWay('/var/log/kern.log').command,
    ['getent', 'passwd', '1000'],
    ['date', '+%s'],
  ])
    asked.add(runLine(command));
  // Where modinfo finds no driver.
  asked.add('list /lib/modules');
  expect(asked.size).toBeGreaterThan(100);
  expect([...asked].some((line) => line.includes('-lms'))).toBe(true);
  for (const shell of ['sh', 'bash', 'busybox sh']) {
    const no = (await judged(shell, asked)).filter((line) => line.startsWith('no '));
    expect(
      no.filter((line) => !notForAccounts.test(line)),
      shell,
    ).toEqual([]);
  }
}, 60_000);

test('what leads past the list is refused', async () => {
  const wrong = [
    runLine(['sh', '-c', 'id']),
    runLine(['nvidia-smi', '-r']),
    runLine(['nvidia-smi', '--gpu-reset', '-i', '0']),
    runLine(['nvidia-smi', '-pm', '1']),
    runLine(['nvidia-smi', '-q', '-x', '-f', '/etc/x']),
    runLine(['nvidia-smi', '--query-gpu=uuid -f /etc/x', '--format=csv']),
    runLine(['nvidia-smi', '--query-gpu=uuid', '--format=csv', '-f', '5']),
    runLine(['/tmp/nvidia-smi', '-q', '-x']),
    runLine(['cat', '/etc/shadow']),
    runLine(['tail', '-n', '+1', '-F', '/etc/shadow']),
    runLine(['readlink', '-f', '/x/../libnvidia-ml.so.1/..']),
    runLine(['journalctl', '--dmesg', '--vacuum-size=1']),
    runLine(['getent', 'shadow', 'root']),
    runLine(['dmesg', '-C']),
    runLine(['systemctl', 'stop', 'sshd']),
    'read /etc/shadow',
    'read /proc/1/root/etc/shadow',
    'read /proc/1/../../etc/shadow',
    'read /etc/cdi/../shadow',
    'read /proc/1/task/1/../environ',
    'read /proc/x/environ',
    'list /root',
    'list /proc/1/root/etc',
    'list /sys/bus/pci/devices/../../..',
  ];
  for (const shell of ['sh', 'bash', 'busybox sh'])
    expect(await judged(shell, wrong), shell).toEqual(wrong.map((line) => `no ${line}`));
});
