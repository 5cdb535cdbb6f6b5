import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProcessOwner } from '../model/index.ts';
import { cgroupPathOf, parseCgroup, parseCgroupUser } from './index.ts';

const id = '0123456789abcdef'.repeat(4);
const outer = 'f'.repeat(64);
const underscored = '2fc932ce_fdcc_454b_97bd_aadfdeb4c340';
const uid = '2fc932ce-fdcc-454b-97bd-aadfdeb4c340';
const nobody: ProcessOwner = { runtime: null, containerId: null, podUid: null, slurmJobId: null, unit: null };
const pod = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${underscored}.slice`;
const user = '0::/user.slice/user-1000.slice/user@1000.service';

const k8s = (containerId: string) => ({ runtime: 'kubernetes', containerId, podUid: uid }) as const;
const podman = { runtime: 'podman', containerId: id } as const;
const slurm211 = { runtime: 'slurm', slurmJobId: '211' } as const;

const forms: readonly (readonly [string, Partial<ProcessOwner>])[] = [
  [`12:devices:/docker/${id}`, { runtime: 'docker', containerId: id }],
  [`12:devices:/system.slice/docker-${id}.scope`, { runtime: 'docker', containerId: id }],
  [`0::/system.slice/docker-${id}.scope`, { runtime: 'docker', containerId: id }],
  [`0::/docker/${id}`, { runtime: 'docker', containerId: id }],
  [`0::/docker/${id}/init.scope (deleted)`, { runtime: 'docker', containerId: id }],
  [`${user}/user.slice/docker-${id}.scope`, { runtime: 'docker', containerId: id }],
  [`0::/machine.slice/libpod-${id}.scope/container`, { runtime: 'podman', containerId: id }],
  [`${user}/user.slice/libpod-${id}.scope/container`, { runtime: 'podman', containerId: id }],
  [`0::/machine.slice/libpod-conmon-${id}.scope`, { runtime: 'systemd', unit: `libpod-conmon-${id}.scope` }],
  [
    `${user}/app.slice/web.service/libpod-payload-${id}`,
    { runtime: 'podman', containerId: id, unit: 'web.service' },
  ],
  [
    `0::/user.slice/user-1.slice/user@1.service/user.slice/podman-77.scope`,
    { runtime: 'podman', unit: 'podman-77.scope' },
  ],
  [`0::/${pod}/cri-containerd-${id}.scope`, { runtime: 'containerd', containerId: id, podUid: uid }],
  [`11:memory:/kubepods/burstable/pod${uid}/${id}`, { runtime: 'kubernetes', containerId: id, podUid: uid }],
  [
    `10:blkio:/system.slice/containerd.service/kubepods-besteffort-pod${underscored}.slice:cri-containerd:${id}`,
    { runtime: 'containerd', containerId: id, podUid: uid },
  ],
  [
    `0::/kubepods.slice/kubepods-pod${underscored}.slice/crio-${id}.scope`,
    { runtime: 'crio', containerId: id, podUid: uid },
  ],
  [
    `0::/kubepods.slice/kubepods-pod${underscored}.slice/crio-${id}.scope/container`,
    { runtime: 'crio', containerId: id, podUid: uid },
  ],
  [`0::/kubepods/pod${uid}/crio-conmon-${id}`, { runtime: 'kubernetes', podUid: uid }],
  [
    `0::/kubepods/besteffort/pod${'0a'.repeat(16)}/${id}`,
    { runtime: 'kubernetes', containerId: id, podUid: '0a'.repeat(16) },
  ],
  [
    `0::/system.slice/docker-${outer}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${underscored}.slice/cri-containerd-${id}.scope`,
    { runtime: 'containerd', containerId: id, podUid: uid },
  ],
  [`0::/default/${id}`, { runtime: 'containerd', containerId: id }],
  [`0::/system.slice/nerdctl-${id}.scope`, { runtime: 'containerd', containerId: id }],
  ['0::/lxc.payload.web/system.slice/nginx.service', { runtime: 'lxc', containerId: 'web' }],
  ['4:memory:/lxc/web', { runtime: 'lxc', containerId: 'web' }],
  ['0::/lxc/101/ns', { runtime: 'lxc', containerId: '101' }],
  ['0::/lxc.monitor.web', { runtime: 'unknown' }],
  [
    '0::/machine.slice/systemd-nspawn@box.service/payload',
    { runtime: 'systemd', unit: 'systemd-nspawn@box.service' },
  ],
  ['0::/system.slice/slurmstepd.scope/job_211/step_0/user/task_0', { runtime: 'slurm', slurmJobId: '211' }],
  ['0::/system.slice/n1_slurmstepd.scope/job_9/step_batch', { runtime: 'slurm', slurmJobId: '9' }],
  ['4:memory:/slurm/uid_1000/job_211/step_0', { runtime: 'slurm', slurmJobId: '211' }],
  ['4:memory:/slurm_n1/uid_1000/job_211/step_0', { runtime: 'slurm', slurmJobId: '211' }],
  ['0::/system.slice/job_5', { runtime: 'unknown' }],
  [
    '0::/machine.slice/machine-qemu\\x2d2\\x2dvm.scope/libvirt',
    { runtime: 'systemd', unit: 'machine-qemu\\x2d2\\x2dvm.scope' },
  ],
  ['0::/system.slice/ollama.service', { runtime: 'systemd', unit: 'ollama.service' }],
  ['0::/user.slice/user-1000.slice/session-3.scope', { runtime: 'user', unit: 'session-3.scope' }],
  [`${user}/app.slice/app-x.scope`, { runtime: 'user', unit: 'app-x.scope' }],
  [`${user}/init.scope`, { runtime: 'user' }],
  // The drivers and forms that a cluster is found to have, one each.
  [`0::/docker/${id}/kubelet/kubepods/besteffort/pod${uid}/${outer}`, { ...k8s(outer) }],
  [`3:cpu:/docker/${id}/kubelet/kubepods/pod${uid}/${outer}`, { ...k8s(outer) }],
  [`0::/lxc/101/ns/docker/${id}`, { runtime: 'docker', containerId: id }],
  [`0::/lxc.payload.web/system.slice/docker-${id}.scope`, { runtime: 'docker', containerId: id }],
  [`8:devices:/libpod_parent/libpod-${id}`, { runtime: 'podman', containerId: id }],
  [
    `0::/machine.slice/machine-libpod_pod_${outer}.slice/libpod-${id}.scope/container`,
    { runtime: 'podman', containerId: id },
  ],
  [
    `${user}/user.slice/user-libpod_pod_${outer}.slice/libpod-${id}.scope`,
    { runtime: 'podman', containerId: id },
  ],
  [`0::/system.slice/train.service/libpod-payload-${id}`, { ...podman, unit: 'train.service' }],
  [
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${underscored}.slice/docker-${id}.scope`,
    {
      runtime: 'docker',
      containerId: id,
      podUid: uid,
    },
  ],
  [`11:devices:/kubepods/pod${uid}/crio-${id}`, { runtime: 'crio', containerId: id, podUid: uid }],
  [`0::/kubepods.slice/kubepods-pod${underscored}.slice`, { runtime: 'kubernetes', podUid: uid }],
  [`0::/k8s.io/${id}`, { runtime: 'containerd', containerId: id }],
  [`11:devices:/k8s.io/trainer-1`, { runtime: 'containerd', containerId: 'trainer-1' }],
  [`0::/../cri-containerd-${id}.scope`, { runtime: 'containerd', containerId: id }],
  ['4:memory:/slurm/uid_1000/job_211/step_extern/task_0', { runtime: 'slurm', slurmJobId: '211' }],
  ['0::/system.slice/slurmstepd.scope/job_211/step_interactive/user/task_special', slurm211],
  ['0::/system.slice/slurmstepd.scope/system', { runtime: 'systemd', unit: 'slurmstepd.scope' }],
  ['0::/system.slice/slurmd.service', { runtime: 'systemd', unit: 'slurmd.service' }],
  [
    '1:name=systemd:/user.slice/user-1000.slice/session-c2.scope',
    { runtime: 'user', unit: 'session-c2.scope' },
  ],
  [`${user}/app.slice/apptainer-4711.scope`, { runtime: 'user', unit: 'apptainer-4711.scope' }],
  ['0::/user.slice/user-1000.slice', { runtime: 'user' }],
  ['0::/', {}],
  ['0::/init.scope', {}],
  ['0::/../..', {}],
  ['', {}],
  ['not a cgroup', {}],
];

describe('parseCgroup', () => {
  it.each(forms)('%s', (text, owner) => expect(parseCgroup(`${text}\n`)).toEqual({ ...nobody, ...owner }));

  it('lets the line that tells most decide', () => {
    const text = `12:pids:/user.slice\n5:devices:/docker/${id}\n1:name=systemd:/system.slice/ssh.service\n0::/\n`;
    expect(parseCgroup(text)).toEqual({ ...nobody, runtime: 'docker', containerId: id });
  });

  it('keeps the Slurm job of a container that a job runs', () => {
    const text = `0::/system.slice/slurmstepd.scope/job_3/step_0/user/task_0/libpod-${id}.scope\n`;
    expect(parseCgroup(text)).toEqual({ ...nobody, runtime: 'podman', containerId: id, slurmJobId: '3' });
  });

  it('never throws, and gives only ids that stood in the text', () => {
    const piece = fc.constantFrom(
      'docker',
      `docker-${id}.scope`,
      `pod${uid}`,
      'job_1',
      'slurm',
      '..',
      '',
      'lxc',
      'é',
      'a:b',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.string(), (pieces, noise) => {
        const text = `0::/${pieces.join('/')}\n${noise}`;
        const { containerId } = parseCgroup(text);
        if (containerId !== null) expect(text).toContain(containerId);
      }),
    );
  });
});

it.each([
  ['4:memory:/slurm/uid_1000/job_211/step_0', 1000],
  ['9:devices:/slurm_n1/uid_77/job_1/step_batch/task_0\n1:name=systemd:/user.slice/user-5.slice', 77],
  ['0::/user.slice/user-1000.slice/session-3.scope', 1000],
  ['0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-x.scope', 1000],
  ['0::/system.slice/slurmstepd.scope/job_211/step_0', null],
  ['4:memory:/jobs/uid_1000', null],
  ['0::/system.slice/ollama.service', null],
  ['', null],
])('the user of %s is %j', (text, uid) => expect(parseCgroupUser(text)).toBe(uid));

it('finds the path of one controller', () => {
  const text = '12:pids:/a\n11:cpu,cpuacct:/b\n5:devices:/docker/x (deleted)\n1:name=systemd:/s\n0::/u\n';
  expect(['devices', 'cpuacct', 'unified', 'memory'].map((name) => cgroupPathOf(text, name))).toEqual([
    '/docker/x',
    '/b',
    '/u',
    null,
  ]);
});

const corpus = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));
const present = existsSync(`${corpus}proc-cgroup`);

const expected: Readonly<Record<string, Partial<ProcessOwner>>> = {
  'elasticapm_cgroup_v1_awsEcs.txt': {
    runtime: 'unknown',
    containerId: '03752a671e744971a862edcee6195646-4015103728',
  },
  'elasticapm_cgroup_v1_ubuntu.txt': {
    runtime: 'user',
    unit: 'vte-spawn-75bc72bd-6642-4cf5-b62c-0674e11bfc84.scope',
  },
  'elasticapm_cgroup_v1_underscores.txt': {
    runtime: 'crio',
    containerId: '2227daf62df6694645fee5df53c1f91271546a9560e8600a525690ae252b7f63',
    podUid: '90d81341-92de-11e7-8cf2-507b9d4141fa',
  },
  // The peer finds the id in mountinfo; the path itself is relative to a namespace and tells nothing.
  'elasticapm_cgroup_v2.txt': {},
  'host_v1_root.txt': {},
  'k8s_v1_besteffort_cgroupfs_cut.txt': {
    runtime: 'kubernetes',
    containerId: '162a25c865d3117f158a598f94b1a14436519ba18c8c1969727b9d3f7bdee25e',
    podUid: '6c85216c-82ad-11e7-9fb0-061c2985ea4a',
  },
  'k8s_v1_containerd_colon_cut.txt': {
    runtime: 'containerd',
    containerId: 'ee4b20e90ac7f42a10bd004d05646b13d8ab5e2c5e7cbc01abf8006bac016459',
    podUid: '0125ec2f-b64a-4868-8f5b-94b56cbab864',
  },
  'k8s_v1_guaranteed_cgroupfs_cut.txt': {
    runtime: 'kubernetes',
    containerId: '29fe36ad918457348a6429aa74283efc2beceb9d807722410e256d0968cd1d47',
    podUid: '69c72bad-46fa-11e9-8937-000d3ab38724',
  },
  'literals_cadvisor.txt': {
    runtime: 'docker',
    containerId: 'dd479c33249f6c3f0f1189aa88f07dad3eeb3e6fedfc71385c27ddd699994831',
  },
  'podman_v2_rootless_cgroups-disabled.txt': { runtime: 'podman', unit: 'podman-239302.scope' },
};

describe.skipIf(!present)('corpus/proc-cgroup (skipped where ../shared/corpus is absent)', () => {
  it.each(present ? readdirSync(`${corpus}proc-cgroup`) : [])('%s has the right owner', (file) => {
    const text = readFileSync(`${corpus}proc-cgroup/${file}`, 'utf8');
    expect(expected, 'a new file needs its owner here').toHaveProperty([file]);
    expect(parseCgroup(text)).toEqual({ ...nobody, ...expected[file] });
  });
});
