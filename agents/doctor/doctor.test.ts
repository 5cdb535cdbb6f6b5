import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { doctorChecks } from '../../lib/doctor/index.ts';
import type { Diagnosis } from '../../lib/model/index.ts';
import { diagnosisSchema } from '../../lib/protocol/index.ts';
import { knownErrors } from '../../lib/troubles/index.ts';
import type { HostAccess, RunResult } from '../access/host-access.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import { runDoctor } from './index.ts';
import { askSmi } from './smi-facts.ts';

const hosts = fileURLToPath(new URL('../access/simulated/hosts', import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Changes {
  /** By command line: what it prints, and its exit code where it is not 0; null: it is not there. */
  readonly commands?: Readonly<Record<string, Partial<RunResult> | string | null>>;
  /** By path; null: it is not there. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly unreadable?: Readonly<Record<string, { outcome: 'not-permitted' | 'failed'; message: string }>>;
  readonly docker?: readonly { path: string; body: unknown }[];
  readonly dockerFailure?: string;
  /** Applied to the recorded XML. */
  readonly xml?: (text: string) => string;
}

/** A recorded host with a fault: a folder as `capture` writes it, read by `replay`. */
async function recordedWith(name: string, changes: Changes): Promise<HostAccess> {
  const folder = mkdtempSync(join(tmpdir(), 'gf-doctor-'));
  folders.push(folder);
  cpSync(join(hosts, name), folder, { recursive: true });
  const path = join(folder, 'host.json');
  const host = JSON.parse(readFileSync(path, 'utf8')) as {
    commands: { argv: string[]; stdout?: string }[];
    files: Record<string, string>;
  } & Record<string, unknown>;
  const write = (file: string, text: string): string => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    return file;
  };
  let count = 0;
  for (const [line, result] of Object.entries(changes.commands ?? {})) {
    const argv = line.split(' ');
    host.commands = host.commands.filter((command) => command.argv.join(' ') !== line);
    if (result === null) continue;
    const { stdout = '', stderr = '', ...rest } = typeof result === 'string' ? { stdout: result } : result;
    count += 1;
    host.commands.push({
      argv,
      stdout: write(`changed/${count}.out`, stdout),
      ...{ stderr: write(`changed/${count}.err`, stderr) },
      ...rest,
    });
  }
  for (const [file, text] of Object.entries(changes.files ?? {}))
    if (text === null) delete host.files[file];
    else host.files[file] = write(`changed${file}`, text);
  if (changes.xml !== undefined) {
    const file = join(folder, 'commands/nvidia-smi-q-x.xml');
    writeFileSync(file, changes.xml(readFileSync(file, 'utf8')));
  }
  if (changes.docker !== undefined)
    host['docker'] = changes.docker.map(({ path: at, body }, index) => ({
      path: at,
      body: write(`changed/docker-${index}.json`, JSON.stringify(body)),
    }));
  for (const key of ['unreadable', 'dockerFailure'] as const)
    if (changes[key] !== undefined) host[key] = changes[key];
  writeFileSync(path, JSON.stringify(host));
  return createReplayAccess(folder, { speed: 0 });
}

async function examine(name: string, changes: Changes): Promise<Diagnosis> {
  const access = await recordedWith(name, changes);
  const diagnosis = await runDoctor({
    access,
    dockerSocketPath: '/var/run/docker.sock',
    smi: () => askSmi(access, null),
    mayOpenDevices: true,
  });
  await access.close();
  return diagnosis;
}

const driver = '580.95.05';
const pci = (busId: string, holder = 'nvidia'): Record<string, string> => ({
  [`/sys/bus/pci/devices/${busId}/uevent`]: `${holder === '' ? '' : `DRIVER=${holder}\n`}PCI_CLASS=30200\nPCI_ID=10DE:2330\n`,
});
const bus = (busIds: readonly string[], holder?: string): Record<string, string> =>
  Object.assign({}, ...busIds.map((busId) => pci(busId, holder)));
const h100Bus = [
  ...readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8').matchAll(
    /<gpu id="0000([^"]+)"/g,
  ),
].map((match) => (match[1] ?? '').toLowerCase());
const h100Driver =
  /<driver_version>([^<]+)/.exec(
    readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8'),
  )?.[1] ?? driver;
const uuids = [
  ...readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8').matchAll(/<uuid>(GPU-[^<]+)/g),
].map((match) => match[1] ?? '');

const cdiSpec = (version: string, names: readonly string[] = uuids): string =>
  [
    'cdiVersion: 0.5.0',
    'kind: nvidia.com/gpu',
    'devices:',
    ...names.flatMap((name) => [
      `- containerEdits:`,
      `    deviceNodes:`,
      `    - path: /dev/nvidia0`,
      `  name: ${name}`,
    ]),
    'containerEdits:',
    '  mounts:',
    `  - containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.${version}`,
    `    hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.${version}`,
    '',
  ].join('\n');

const modules = (...names: string[]): string => names.map((name) => `${name} 4096 0 - Live 0x0\n`).join('');
const secureBoot = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** Everything as it should be, on a machine with NVSwitches and Docker. */
const healthy: Changes = {
  files: {
    ...bus(h100Bus),
    '/proc/modules': modules('nvidia', 'nvidia_uvm'),
    '/dev/nvidiactl': '\n',
    '/dev/nvidia-uvm': '\n',
    '/proc/driver/nvidia-nvswitch/devices/0000:c1:00.0': '\n',
    '/proc/self/status': 'Name: node\nUid:\t998\t998\t998\t998\n',
    '/proc/1/cgroup': '0::/init.scope\n',
    '/etc/cdi/nvidia.yaml': cdiSpec(h100Driver),
    [secureBoot]: '\u0006\u0000\u0000\u0000\u0000',
  },
  commands: {
    'modinfo -F version nvidia': `${h100Driver}\n`,
    'systemctl is-active nvidia-persistenced.service nvidia-fabricmanager.service': 'active\nactive\n',
    'nv-fabricmanager --version': `Fabric Manager version is : ${h100Driver}\n`,
    dmesg: '[    1.0] nvidia: loading out-of-tree module taints kernel.\n',
  },
  docker: [
    { path: '/version', body: { Version: '28.3.0' } },
    {
      path: '/info',
      body: { Runtimes: { nvidia: { path: 'nvidia-container-runtime' }, runc: {} }, DefaultRuntime: 'runc' },
    },
    { path: '/containers/json', body: [] },
  ],
};

const having = (changes: Changes): Changes => ({
  ...healthy,
  ...changes,
  files: { ...healthy.files, ...changes.files },
  commands: { ...healthy.commands, ...changes.commands },
});

const noDriver = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
const notLoaded: Changes = {
  files: { '/proc/driver/nvidia/version': null, '/proc/modules': modules('ext4'), ...bus(h100Bus, '') },
  commands: { 'nvidia-smi -q -x': { stdout: noDriver, exitCode: 9 } },
};

const faults: readonly (readonly [string, Changes])[] = [
  ['driver-not-loaded', notLoaded],
  [
    'driver-not-loaded',
    {
      ...notLoaded,
      commands: {
        ...notLoaded.commands,
        'modinfo -F version nvidia': { exitCode: 1, stderr: 'modinfo: ERROR: Module nvidia not found.' },
      },
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
