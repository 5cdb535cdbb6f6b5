import {
  type Fact,
  fabricService,
  nvidiaControlNode,
  nvidiaMemoryNode,
  persistenceService,
  type ServiceState,
} from '../../lib/doctor/index.ts';
import { type DriverVersion, parseDriverVersion } from '../../lib/host-facts/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { absent, fileFact, folderFact, known, mapFact, notKnown, runFact, within } from './ask.ts';

export const readModule = (access: HostAccess): Promise<Fact<DriverVersion>> =>
  fileFact(access, '/proc/driver/nvidia/version', (text) => {
    const driver = parseDriverVersion(text);
    return driver.version === null ? null : driver;
  });

export const readLoadedModules = (access: HostAccess): Promise<Fact<readonly string[]>> =>
  fileFact(access, '/proc/modules', (text) =>
    text.split('\n').flatMap((line) => /^(\w{1,64}) /.exec(line)?.[1] ?? []),
  );

const dotted = /^\d{2,4}(?:\.\d{1,5}){1,3}$/;

/** modinfo finds nothing too where it cannot look: in a container, or under a unit that hides the folder. */
async function absentIfSeen(access: HostAccess, from: string): Promise<Fact<never>> {
  const folder = await folderFact(access, '/lib/modules');
  if (folder.state === 'known' && folder.value.length > 0) return absent(from);
  return notKnown(from, 'it finds none, and /lib/modules cannot be seen');
}

export async function readModuleOnDisk(access: HostAccess): Promise<Fact<string>> {
  const command = ['modinfo', '-F', 'version', 'nvidia'] as const;
  const from = command.join(' ');
  const ran = await runFact(access, command);
  if (ran.state === 'absent') return notKnown(from, 'modinfo is not there');
  if (ran.state !== 'known') return ran;
  const { exitCode, stdout, stderr } = ran.value;
  const version = stdout.trim();
  if (exitCode === 0 && dotted.test(version)) return known(from, version);
  if (/not found/i.test(stderr)) return absentIfSeen(access, from);
  return notKnown(from, `it says: ${(stderr || stdout).trim().slice(0, 200)}`);
}

/** Where distributions keep libraries of the machine's own kind. */
export const libraryPaths = [
  '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1',
  '/usr/lib/aarch64-linux-gnu/libnvidia-ml.so.1',
  '/usr/lib64/libnvidia-ml.so.1',
  '/usr/lib/libnvidia-ml.so.1',
  '/run/nvidia/driver/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1',
  '/home/kubernetes/bin/nvidia/lib64/libnvidia-ml.so.1',
] as const;

/** libnvidia-ml.so.1 is a link to the file that has the version in its name. */
export async function readLibrary(
  access: HostAccess,
  paths: readonly string[] = libraryPaths,
): Promise<Fact<string>> {
  const ran = await runFact(access, ['readlink', '-f', ...paths]);
  if (ran.state === 'absent') return notKnown('readlink', 'it is not there');
  return mapFact(ran, ({ stdout }) => {
    for (const line of stdout.split('\n')) {
      const version = /libnvidia-ml\.so\.(\d{2,4}(?:\.\d{1,5}){1,3})$/.exec(line.trim())?.[1];
      if (version !== undefined) return known(line.trim(), version);
    }
    return absent('libnvidia-ml.so.1');
  });
}

export const readKernelVersion = (access: HostAccess): Promise<Fact<string>> =>
  fileFact(access, '/proc/sys/kernel/osrelease', (text) => text.trim().slice(0, 128) || null);

/** Present by the folder's list first: what a played or half-visible /dev does not list is not missing. */
async function readNode(access: HostAccess, path: string, mayOpen: boolean): Promise<Fact<null>> {
  const folder = await folderFact(access, '/dev');
  if (folder.state !== 'known') return notKnown(path, '/dev cannot be listed');
  if (!folder.value.includes(path.slice('/dev/'.length))) return absent(path);
  if (!mayOpen) return known(path, null);
  // These two only say what the driver is; opening them starts no GPU.
  const file = await access.readFile(path, { maxBytes: 1, deadlineSeconds: 2 });
  return file.outcome === 'not-permitted' ? notKnown(path, file.message) : known(path, null);
}

export async function readNodes(
  access: HostAccess,
  mayOpen: boolean,
): Promise<ReadonlyMap<string, Fact<null>>> {
  const paths = [nvidiaControlNode, nvidiaMemoryNode];
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await within(path, () => readNode(access, path, mayOpen))] as const),
    ),
  );
}

const switchFolder = '/proc/driver/nvidia-nvswitch/devices';

export const readNvSwitches = (access: HostAccess): Promise<Fact<readonly string[]>> =>
  folderFact(access, switchFolder);

export async function readFabricManagerVersion(access: HostAccess): Promise<Fact<string>> {
  const command = ['nv-fabricmanager', '--version'] as const;
  const from = command.join(' ');
  return mapFact(await runFact(access, command), ({ stdout, stderr }) => {
    const version = /version is\s*:?\s*(\d{2,4}(?:\.\d{1,5}){1,3})/i.exec(`${stdout}\n${stderr}`)?.[1];
    return version === undefined ? notKnown(from, 'it names no version') : known(from, version);
  });
}

const states: readonly ServiceState[] = ['active', 'inactive', 'failed', 'activating'];

export async function readServices(access: HostAccess): Promise<Fact<ReadonlyMap<string, ServiceState>>> {
  const services = [persistenceService, fabricService];
  const from = 'systemctl is-active';
  const ran = await runFact(access, ['systemctl', 'is-active', ...services]);
  if (ran.state === 'absent') return notKnown(from, 'there is no systemd here');
  return mapFact(ran, ({ stdout, stderr }) => {
    const lines = stdout.trim().split('\n');
    if (lines.length !== services.length || !lines.some((line) => states.includes(line as ServiceState)))
      return notKnown(from, stderr.trim().slice(0, 200) || 'it says nothing of the services');
    const stateAt = (at: number): ServiceState =>
      states.find((state) => state === lines[at]?.trim()) ?? 'unknown';
    return known(from, new Map(services.map((service, at) => [service, stateAt(at)])));
  });
}

const secureBootVariable = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** Four bytes of attributes, then the value. Where the firmware is no EFI there is no Secure Boot. */
export async function readSecureBoot(access: HostAccess): Promise<Fact<boolean>> {
  const file = await fileFact(access, secureBootVariable, (text) =>
    text.length >= 5 ? text.charCodeAt(4) === 1 : null,
  );
  if (file.state !== 'absent') return file;
  const from = 'mokutil --sb-state';
  const ran = await runFact(access, ['mokutil', '--sb-state']);
  if (ran.state === 'absent') {
    const firmware = await folderFact(access, '/sys/firmware');
    const isOther = firmware.state === 'known' && !firmware.value.includes('efi');
    return isOther ? known('/sys/firmware', false) : notKnown(from, 'neither it nor its variable is there');
  }
  return mapFact(ran, ({ stdout, stderr }) => {
    if (/SecureBoot enabled/i.test(stdout)) return known(from, true);
    if (
      /SecureBoot disabled|doesn.t support Secure Boot|EFI variables are not supported/i.test(
        `${stdout}${stderr}`,
      )
    )
      return known(from, false);
    return notKnown(from, (stderr || stdout).trim().slice(0, 200) || 'it says nothing');
  });
}

const mostLogLines = 500;
const ofInterest =
  /NVRM|nvidia|nouveau|module verification|key was rejected|unsigned module|Lockdown|PKCS#7/i;

export async function readKernelLog(access: HostAccess): Promise<Fact<readonly string[]>> {
  const ran = await runFact(access, ['dmesg']);
  if (ran.state === 'absent') return notKnown('dmesg', 'it is not there');
  return mapFact(ran, ({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0 && stdout === '') return notKnown('dmesg', stderr.trim().slice(0, 200));
    return known(
      'dmesg',
      stdout
        .split('\n')
        .filter((line) => ofInterest.test(line))
        .slice(-mostLogLines),
    );
  });
}
