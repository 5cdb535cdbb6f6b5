import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Diagnosis } from '../../lib/model/index.ts';
import type { HostAccess, RunResult } from '../access/host-access.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import { runDoctor } from './index.ts';
import { askSmi } from './smi-facts.ts';

export const hosts = fileURLToPath(new URL('../access/simulated/hosts', import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Changes {
  /** By command line: what it prints, and its exit code where it is not 0; null: it is not there. */
  readonly commands?: Readonly<Record<string, Partial<RunResult> | string | null>>;
  /** By path; null: it is not there. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly unreadable?: Readonly<Record<string, { outcome: 'not-permitted' | 'failed'; message: string }>>;
  readonly docker?: readonly { path: string; body: unknown }[];
  readonly dockerFailure?: string;
  /** Names in folders, by path. */
  readonly folders?: Readonly<Record<string, readonly string[]>>;
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
  for (const key of ['unreadable', 'dockerFailure', 'folders'] as const)
    if (changes[key] !== undefined) host[key] = changes[key];
  writeFileSync(path, JSON.stringify(host));
  return createReplayAccess(folder, { speed: 0 });
}

/** What the doctor says of such a host. `asksDocker` false: as with `--no-docker`. */
export async function examine(name: string, changes: Changes, asksDocker = true): Promise<Diagnosis> {
  const access = await recordedWith(name, changes);
  const diagnosis = await runDoctor({
    access,
    dockerSocketPath: asksDocker ? '/var/run/docker.sock' : null,
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
export const bus = (busIds: readonly string[], holder?: string): Record<string, string> =>
  Object.assign({}, ...busIds.map((busId) => pci(busId, holder)));
export const h100Bus = [
  ...readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8').matchAll(
    /<gpu id="0000([^"]+)"/g,
  ),
].map((match) => (match[1] ?? '').toLowerCase());
export const h100Driver =
  /<driver_version>([^<]+)/.exec(
    readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8'),
  )?.[1] ?? driver;
export const uuids = [
  ...readFileSync(join(hosts, 'h100x8/commands/nvidia-smi-q-x.xml'), 'utf8').matchAll(/<uuid>(GPU-[^<]+)/g),
].map((match) => match[1] ?? '');

export const cdiSpec = (version: string, names: readonly string[] = uuids): string =>
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

export const modules = (...names: string[]): string =>
  names.map((name) => `${name} 4096 0 - Live 0x0\n`).join('');
export const secureBoot = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** Everything as it should be, on a machine with NVSwitches and Docker. */
export const healthy: Changes = {
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

export const having = (changes: Changes): Changes => ({
  ...healthy,
  ...changes,
  files: { ...healthy.files, ...changes.files },
  commands: { ...healthy.commands, ...changes.commands },
});

export const noDriver = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
export const notLoaded: Changes = {
  files: { '/proc/driver/nvidia/version': null, '/proc/modules': modules('ext4'), ...bus(h100Bus, '') },
  commands: { 'nvidia-smi -q -x': { stdout: noDriver, exitCode: 9 } },
};

export const noModule = { exitCode: 1, stderr: 'modinfo: ERROR: Module nvidia not found.' };
