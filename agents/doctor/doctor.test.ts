import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doctorChecks } from '../../lib/doctor/index.ts';
import { diagnosisSchema } from '../../lib/protocol/index.ts';
import { knownErrors } from '../../lib/troubles/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import {
  bus,
  type Changes,
  cdiSpec,
  examine,
  h100Bus,
  h100Driver,
  having,
  healthy,
  hosts,
  modules,
  noDriver,
  noModule,
  notLoaded,
  secureBoot,
  uuids,
} from './doctor.testing.ts';
import { runDoctor } from './index.ts';

const faults: readonly (readonly [string, Changes])[] = [
  ['driver-not-loaded', notLoaded],
  [
    'driver-not-loaded',
    {
      ...notLoaded,
      commands: {
        ...notLoaded.commands,
        'modinfo -F version nvidia': noModule,
      },
      folders: { '/lib/modules': ['6.8.0-60-generic'] },
    },
  ],
  [
    'version-mismatch',
    {
      commands: {
        'nvidia-smi -q -x': {
          stdout:
            'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 590.48\n',
          exitCode: 18,
        },
        'modinfo -F version nvidia': '590.48.01\n',
      },
    },
  ],
  ['version-pending', { commands: { 'modinfo -F version nvidia': '590.48.01\n' } }],
  [
    'nouveau-loaded',
    {
      ...notLoaded,
      files: { ...notLoaded.files, ...bus(h100Bus, 'nouveau'), '/proc/modules': modules('nouveau') },
    },
  ],
  [
    'secure-boot',
    {
      ...notLoaded,
      files: { ...notLoaded.files, [secureBoot]: '\u0006\u0000\u0000\u0000\u0001' },
      commands: { ...notLoaded.commands, dmesg: '[ 9.1] Loading of unsigned module is rejected\n' },
    },
  ],
  [
    'secure-boot',
    { ...notLoaded, files: { ...notLoaded.files, [secureBoot]: '\u0006\u0000\u0000\u0000\u0001' } },
  ],
  ['nvidia-smi-missing', { commands: { 'nvidia-smi -q -x': null, 'nvidia-smi -L': null } }],
  ['driver-hung', { commands: { 'nvidia-smi -q -x': { outcome: 'timeout' } } }],
  [
    'library-missing',
    {
      commands: {
        'nvidia-smi -q -x': {
          stdout: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.",
          exitCode: 12,
        },
      },
    },
  ],
  [
    'smi-failed',
    {
      commands: { 'nvidia-smi -q -x': { stdout: 'Failed to initialize NVML: Unknown Error', exitCode: 255 } },
    },
  ],
  [
    'smi-not-permitted',
    {
      commands: {
        'nvidia-smi -q -x': { stdout: 'Failed to initialize NVML: Insufficient Permissions', exitCode: 4 },
      },
    },
  ],
  ['gpu-missing', { files: bus(['0000:fe:00.0']) }],
  ['no-devices', { commands: { 'nvidia-smi -q -x': { stdout: 'No devices were found', exitCode: 6 } } }],
  [
    'no-gpu',
    {
      files: {
        '/proc/driver/nvidia/version': null,
        ...Object.fromEntries(h100Bus.map((busId) => [`/sys/bus/pci/devices/${busId}/uevent`, null])),
        '/sys/bus/pci/devices/0000:00:1f.0/uevent': 'PCI_CLASS=60100\nPCI_ID=8086:A0C8\n',
      },
      commands: { 'nvidia-smi -q -x': { stdout: noDriver, exitCode: 9 } },
    },
  ],
  ['device-nodes-missing', { files: { '/dev/nvidia-uvm': null } }],
  [
    'device-nodes-not-permitted',
    { unreadable: { '/dev/nvidiactl': { outcome: 'not-permitted', message: 'EACCES: permission denied' } } },
  ],
  [
    'fabric-manager-mismatch',
    { commands: { 'nv-fabricmanager --version': 'Fabric Manager version is : 570.86.15\n' } },
  ],
  [
    'fabric-manager-not-running',
    {
      commands: {
        'systemctl is-active nvidia-persistenced.service nvidia-fabricmanager.service': {
          stdout: 'active\nfailed\n',
          exitCode: 3,
        },
      },
    },
  ],
  ['fabric-not-ready', { xml: (text) => text.replace(/(<fabric>\s*<state>)[^<]*/, '$1In Progress') }],
  [
    'persistence-off',
    { xml: (text) => text.replace('<persistence_mode>Enabled', '<persistence_mode>Disabled') },
  ],
  [
    'toolkit-missing',
    {
      commands: { 'nvidia-ctk --version': null },
      docker: [
        { path: '/version', body: { Version: '28.3.0' } },
        { path: '/info', body: { Runtimes: { runc: {} }, DefaultRuntime: 'runc' } },
      ],
    },
  ],
  [
    'toolkit-not-configured',
    {
      docker: [
        { path: '/version', body: { Version: '28.3.0' } },
        { path: '/info', body: { Runtimes: { runc: {} }, DefaultRuntime: 'runc' } },
      ],
    },
  ],
  ['cdi-stale', { files: { '/etc/cdi/nvidia.yaml': cdiSpec('570.86.15') } }],
  ['cdi-devices-missing', { files: { '/etc/cdi/nvidia.yaml': cdiSpec(h100Driver, uuids.slice(1)) } }],
  ['cdi-twice', { files: { '/var/run/cdi/nvidia.yaml': cdiSpec(h100Driver) } }],
  ['docker-not-permitted', { dockerFailure: 'EACCES', docker: [] }],
  ['processes-not-permitted', { files: { '/proc/1/cgroup': null } }],
  [
    'kernel-log-not-permitted',
    {
      commands: {
        dmesg: { exitCode: 1, stderr: 'dmesg: read kernel buffer failed: Operation not permitted' },
      },
    },
  ],
];

describe('the doctor', () => {
  it('finds nothing on a healthy host, and every check is one of the four', async () => {
    const diagnosis = await examine('h100x8', healthy);
    expect(diagnosis).toMatchObject({ findings: [], unknown: [] });
    expect([...diagnosis.passed, ...diagnosis.notApplicable].sort()).toEqual(
      doctorChecks.map(({ name }) => name).sort(),
    );
    expect(diagnosis.notApplicable).toEqual(['secure-boot']);
  });

  it.each(faults)('finds %s', async (code, changes) => {
    const diagnosis = await examine('h100x8', having(changes));
    const found = diagnosis.findings.find((finding) => finding.code === code);
    expect(found, JSON.stringify(diagnosis, null, 1)).toBeDefined();
    expect(found?.fix.length).toBeGreaterThan(0);
    expect(found?.evidence.length).toBeGreaterThan(0);
    expect(diagnosisSchema.parse(diagnosis)).toEqual(diagnosis);
    const { passed, notApplicable, unknown, findings } = diagnosis;
    const told = [
      ...passed,
      ...notApplicable,
      ...unknown.map(({ check }) => check),
      ...new Set(findings.map(({ check }) => check)),
    ];
    expect(told.sort()).toEqual(doctorChecks.map(({ name }) => name).sort());
  });

  it('tells one fault and not its shadows', async () => {
    const one = async (changes: Changes): Promise<readonly string[]> =>
      (await examine('h100x8', having(changes))).findings.map(({ code }) => code);
    expect(await one(notLoaded)).toEqual(['driver-not-loaded']);
    expect(await one({ files: { '/etc/cdi/nvidia.yaml': cdiSpec('570.86.15') } })).toEqual(['cdi-stale']);
  });

  it('says of a host that tells nothing what could not be checked, within the deadline', async () => {
    const never = new Promise<never>(() => undefined);
    const access: HostAccess = {
      ...(await createReplayAccess(join(hosts, 'h100x8'))),
      run: () => never,
      readFile: () => never,
      listFolder: () => never,
      connect: () => never,
    };
    const startedAt = performance.now();
    const diagnosis = await runDoctor({
      access,
      dockerSocketPath: '/var/run/docker.sock',
      smi: () => never,
      mayOpenDevices: true,
    });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(diagnosis).toMatchObject({ passed: [], findings: [], notApplicable: [] });
    expect(diagnosis.unknown).toHaveLength(doctorChecks.length);
  }, 10_000);

  it('has a page for what it names, and names what the pages name', () => {
    const codes = new Set(faults.map(([code]) => code).concat('gpu-lost'));
    for (const { findings = [], slug } of knownErrors)
      for (const code of findings) expect(codes, `${slug} names ${code}`).toContain(code);
  });
});
