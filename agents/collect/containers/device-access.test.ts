import { expect, test } from 'vitest';
import type { AskedGrant } from '../../../lib/model/index.ts';
import { gpuFixture } from '../../../lib/protocol/push-fixture.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { createDeviceAccess } from './device-access.ts';

const id = 'a'.repeat(64);
const unit = `docker-${id}.scope`;
const drop = `/run/systemd/transient/${unit}.d`;
const v1 = { '/proc/7/cgroup': `5:devices:/docker/${id}\n0::/\n` };
const v2 = { '/proc/7/cgroup': `0::/system.slice/${unit}\n` };
const devices = { '/proc/devices': 'Character devices:\n195 nvidia\n510 nvidia-uvm\n' };
const list = `/sys/fs/cgroup/devices/docker/${id}/devices.list`;
const named: AskedGrant = { by: 'device-request', all: false, count: null, devices: ['1'] };

/** A host of these files and no others. */
function accessOf(files: Readonly<Record<string, string>>): HostAccess {
  return {
    async readFile(path: string) {
      const text = files[path];
      return text === undefined
        ? { outcome: 'absent', message: '' }
        : { outcome: 'read', text, truncated: false };
    },
    async listFolder(path: string) {
      const names = Object.keys(files).flatMap((file) =>
        file.startsWith(`${path}/`) ? [file.slice(path.length + 1)] : [],
      );
      return names.length === 0
        ? { outcome: 'absent', message: '' }
        : { outcome: 'listed', names, truncated: false };
    },
  } as unknown as HostAccess;
}

async function look(files: Readonly<Record<string, string>>, asked = named, pid: number | null = 7) {
  const accesses = createDeviceAccess({
    access: accessOf({ ...devices, ...files }),
    targets: () => [{ id, pid, asked }],
    gpus: () => [gpuFixture(0), gpuFixture(1)],
  });
  await accesses.start();
  await accesses.stop();
  return accesses.of(id);
}

test.each<[string, Record<string, string>, AskedGrant, object]>([
  [
    'all that it needs',
    { ...v1, [list]: 'c 195:255 rw\nc 195:1 rw\nc 510:0 rw\n' },
    named,
    { state: 'allowed', missing: [] },
  ],
  ['everything', { ...v1, [list]: 'a *:* rwm\n' }, named, { state: 'allowed', from: 'cgroup-v1' }],
  [
    'nothing of NVIDIA',
    { ...v1, [list]: 'c 1:3 rwm\n' },
    named,
    { state: 'denied', missing: ['/dev/nvidiactl', '/dev/nvidia1', '/dev/nvidia-uvm'] },
  ],
  [
    'another GPU',
    { ...v1, [list]: 'c 195:255 rw\nc 195:0 rw\nc 510:* rw\n' },
    named,
    { state: 'denied', missing: ['/dev/nvidia1'] },
  ],
  [
    'all but the memory node, as one that only monitors',
    { ...v1, [list]: 'c 195:255 rw\nc 195:1 rw\n' },
    named,
    { state: 'unknown', from: 'cgroup-v1', reason: expect.stringContaining('NVIDIA_DRIVER_CAPABILITIES') },
  ],
  [
    'the first GPU, which a count of one is',
    { ...v1, [list]: 'c 195:255 rw\nc 195:0 rw\nc 510:* rw\n' },
    { ...named, count: 1, devices: [] },
    { state: 'allowed' },
  ],
  ['what nobody may read', v1, named, { state: 'unknown', reason: 'its devices.list cannot be read' }],
  [
    'what a unit lists',
    { ...v2, [`${drop}/50-DeviceAllow.conf`]: '[Scope]\nDeviceAllow=char-nvidia* rw\n' },
    named,
    { state: 'allowed', from: 'systemd' },
  ],
  [
    'what a unit does not list',
    { ...v2, [`${drop}/50-DeviceAllow.conf`]: '[Scope]\nDeviceAllow=/dev/char/1:3 rwm\n' },
    named,
    { state: 'unknown', from: 'systemd', reason: expect.stringContaining('daemon-reload') },
  ],
  [
    'what no unit tells',
    v2,
    named,
    { state: 'unknown', from: null, reason: expect.stringContaining('on cgroup v2') },
  ],
  [
    'what a process that ended had',
    {},
    named,
    { state: 'unknown', reason: 'the cgroup of its process cannot be read' },
  ],
])('a container that is allowed %s', async (_, files, asked, expected) => {
  expect(await look(files, asked)).toMatchObject(expected);
});

test('one whose process is not known is not judged', async () => {
  expect(await look(v1, named, null)).toMatchObject({ state: 'unknown', missing: [] });
});
