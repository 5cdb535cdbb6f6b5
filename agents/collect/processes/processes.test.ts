import { expect, test } from 'vitest';
import type { HostAccess } from '../../access/host-access.ts';
import { systemClock } from '../clock.ts';
import { createSource } from '../source.ts';
import { createProcesses } from './index.ts';

const id = 'a'.repeat(64);
const stat = (start: number): string => `7 (a b) S ${'0 '.repeat(18)}${start} 0\n`;
const files: Record<string, string> = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nana:x:1000:1000:Ana:/home/ana:/bin/sh\n',
  '/proc/7/stat': stat(100),
  '/proc/7/cgroup': `0::/system.slice/docker-${id}.scope\n`,
  '/proc/7/status': 'Name:\tpython\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t7\t1\n',
  '/proc/7/cmdline': 'python\0train.py\0--token\0hunter2\0',
  '/proc/8/stat': stat(200),
  '/proc/8/cgroup': '0::/\n',
  '/proc/8/status': 'Uid:\t4242\t0\t0\t0\n',
  '/proc/8/mountinfo': `1 0 8:1 /var/lib/docker/containers/${id}/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n`,
  '/proc/9/stat': stat(300),
};

function play(options: { commandLines?: boolean; people?: boolean; changes?: Record<string, string> } = {}) {
  const told: Record<string, string> = { ...files, ...options.changes };
  const read: string[] = [];
  const run: string[] = [];
  const access = {
    async readFile(path: string) {
      read.push(path);
      const text = told[path];
      return text === undefined
        ? { outcome: 'absent', message: '' }
        : { outcome: 'read', text, truncated: false };
    },
    async run(command: readonly string[]) {
      run.push(command.join(' '));
      return {
        outcome: 'exited',
        exitCode: 0,
        stdout: 'far:*:4242:4242::/:/bin/sh\n',
        stderr: '',
        durationSeconds: 0,
      };
    },
  } as unknown as HostAccess;
  const source = createSource('cgroup', '/proc/PID/cgroup', systemClock);
  const processes = createProcesses({ access, source, ...options });
  return { processes, read, run, told };
}

test('owner, user and masked arguments; a path that is hidden is found in the mounts', async () => {
  const { processes, run } = play();
  await processes.refresh([7, 8, 9]);
  expect(processes.factsOf(7)).toMatchObject({
    owner: { runtime: 'docker', containerId: id },
    uid: 1000,
    command: 'python train.py --token masked',
  });
  expect(processes.factsOf(8)).toMatchObject({
    owner: { runtime: 'docker', containerId: id },
    uid: 4242,
    command: null,
  });
  expect(processes.factsOf(9)).toBeNull();
  expect([processes.userName(1000), processes.userName(4242), processes.userName(5)]).toEqual([
    'ana',
    'far',
    null,
  ]);
  // Only the one whom /etc/passwd does not have, and once.
  await processes.refresh([7, 8]);
  expect(run).toEqual(['getent passwd 4242']);
});

test('arguments and people are not looked at where that is switched off', async () => {
  const { processes, read, run } = play({ commandLines: false, people: false });
  await processes.refresh([7, 8]);
  expect(processes.factsOf(7)?.command).toBeNull();
  expect(read.filter((path) => path.endsWith('cmdline') || path === '/etc/passwd')).toEqual([]);
  expect(run).toEqual([]);
});

test('a pid that another process has now is looked up again, and others are not', async () => {
  const { processes, read, told } = play();
  await processes.refresh([7]);
  const before = processes.factsOf(7);
  await processes.refresh([7]);
  expect(processes.factsOf(7)).toBe(before);
  expect(read.filter((path) => path === '/proc/7/cgroup')).toHaveLength(1);
  told['/proc/7/stat'] = stat(999);
  told['/proc/7/cgroup'] = '0::/system.slice/ollama.service\n';
  await processes.refresh([7]);
  expect(processes.factsOf(7)?.owner).toMatchObject({ runtime: 'systemd', unit: 'ollama.service' });
});
