import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ProcessOwner } from '../model/index.ts';
import { parseMountinfo } from './index.ts';

const id = '0123456789abcdef'.repeat(4);
const uid = '2fc932ce-fdcc-454b-97bd-aadfdeb4c340';
const nobody: ProcessOwner = { runtime: null, containerId: null, podUid: null, slurmJobId: null, unit: null };
const mount = (root: string, point: string, type = 'ext4'): string =>
  `700 650 8:1 ${root} ${point} rw,relatime - ${type} /dev/sda1 rw\n`;
const cgroup = (root: string, type = 'cgroup2'): string => mount(root, '/sys/fs/cgroup', type);
const overlay = mount('/', '/', 'overlay');

/** What the mounts of one process tell, for the forms in which runtimes are met. */
const forms: readonly (readonly [string, string, Partial<ProcessOwner>])[] = [
  ['docker, v2 systemd', cgroup(`/system.slice/docker-${id}.scope`), { runtime: 'docker', containerId: id }],
  ['docker, v1', cgroup(`/docker/${id}`, 'cgroup'), { runtime: 'docker', containerId: id }],
  [
    'docker in a cgroup namespace',
    cgroup('/') + mount(`/var/lib/docker/containers/${id}/resolv.conf`, '/etc/resolv.conf'),
    { runtime: 'docker', containerId: id },
  ],
  [
    'docker with a data root of its own',
    mount(`/data/docker/containers/${id}/hosts`, '/etc/hosts'),
    { runtime: 'docker', containerId: id },
  ],
  [
    'podman as root',
    cgroup(`/machine.slice/libpod-${id}.scope/container`),
    { runtime: 'podman', containerId: id },
  ],
  [
    'podman, rootless, in a cgroup namespace',
    mount(`/containers/overlay-containers/${id}/userdata/hostname`, '/etc/hostname', 'tmpfs'),
    { runtime: 'podman', containerId: id },
  ],
  [
    'containerd, of a pod',
    cgroup(`/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`),
    { runtime: 'containerd', containerId: id, podUid: uid },
  ],
  [
    'a pod in a cgroup namespace: the sandbox is no container',
    cgroup('/') +
      mount(`/var/lib/kubelet/pods/${uid}/etc-hosts`, '/etc/hosts') +
      mount(`/run/containers/storage/overlay-containers/${id}/userdata/hostname`, '/etc/hostname'),
    { runtime: 'kubernetes', podUid: uid },
  ],
  [
    'a static pod',
    mount(`/var/lib/kubelet/pods/${'0a'.repeat(16)}/etc-hosts`, '/etc/hosts'),
    { runtime: 'kubernetes', podUid: '0a'.repeat(16) },
  ],
  ['LXC', cgroup('/lxc.payload.web'), { runtime: 'lxc', containerId: 'web' }],
  [
    'a Slurm job',
    cgroup('/system.slice/slurmstepd.scope/job_3/step_0'),
    { runtime: 'slurm', slurmJobId: '3' },
  ],
  ['the host itself', cgroup('/') + overlay, {}],
  ['nothing', '', {}],
];

describe('whose mounts they are', () => {
  it.each(forms)('%s', (_, text, owner) =>
    expect(parseMountinfo(overlay + text).owner).toEqual({ ...nobody, ...owner }),
  );
});

const corpus = fileURLToPath(new URL('../../../shared/corpus/proc-mountinfo/', import.meta.url));
const present = existsSync(corpus);
const expected: Readonly<Record<string, Partial<ProcessOwner>>> = {
  'elasticapm_gardener.txt': {
    runtime: 'containerd',
    containerId: '1cd3449e930b8a28c7595240fa32ba20c84f36d059e5fbe63104ad40057992d1',
    podUid: '121157b5-c67d-4c3e-9052-cb27bbb711fb',
  },
};

describe.skipIf(!present)('corpus/proc-mountinfo (skipped where ../shared/corpus is absent)', () => {
  it.each(present ? readdirSync(corpus) : [])('%s has the right owner', (file) => {
    expect(expected, 'a new file needs its owner here').toHaveProperty([file]);
    const { owner } = parseMountinfo(readFileSync(corpus + file, 'utf8'));
    expect(owner).toEqual({ ...nobody, ...expected[file] });
  });
});
