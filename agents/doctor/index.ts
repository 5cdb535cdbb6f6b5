import { diagnose, type Fact, type SmiFacts, type StackFacts } from '../../lib/doctor/index.ts';
import type { Diagnosis } from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { createPciReader, pciPath } from '../collect/pci/read.ts';
import { absent, fileFact, known, notKnown, within } from './ask.ts';
import { readCdiFiles, readDaemonConfig, readDockerInfo, readToolkitVersion } from './container-facts.ts';
import {
  readFabricManagerVersion,
  readKernelLog,
  readKernelVersion,
  readLibrary,
  readLoadedModules,
  readModule,
  readModuleOnDisk,
  readNodes,
  readNvSwitches,
  readSecureBoot,
  readServices,
} from './driver-facts.ts';

export { smiOfReport } from './smi-facts.ts';

export interface DoctorOptions {
  readonly access: HostAccess;
  readonly dockerSocketPath: string | null;
  /** What nvidia-smi says; asked within the same deadline as the rest. */
  readonly smi: () => Promise<Fact<SmiFacts>>;
  /** False while the agent is paused: no NVIDIA device is opened. */
  readonly mayOpenDevices: boolean;
}

/** Reads everything at once, each within 3 s, and judges it. Never rejects. */
export async function runDoctor(options: DoctorOptions): Promise<Diagnosis> {
  const startedAt = performance.now();
  const facts = await readFacts(options);
  return diagnose(facts, {
    checkedAt: new Date().toISOString(),
    durationSeconds: Math.round(performance.now() - startedAt) / 1000,
  });
}

async function readPci(access: HostAccess): Promise<StackFacts['pci']> {
  const outcome = await createPciReader(access).read();
  if (outcome.state === 'ok') return known(pciPath, outcome.value);
  return outcome.state === 'absent'
    ? absent(pciPath)
    : notKnown(pciPath, outcome.failure?.message ?? outcome.state);
}

/** With hidepid, processes of others are not there at all. */
async function readCgroups(access: HostAccess): Promise<StackFacts['cgroups']> {
  const first = await fileFact(access, '/proc/1/cgroup', () => true);
  if (first.state === 'known') return known(first.from, null);
  const own = await fileFact(access, '/proc/self/status', () => true);
  if (first.state === 'absent' && own.state === 'known') return notKnown(first.from, 'it is hidden');
  return first;
}

const readUserId = (access: HostAccess): Promise<StackFacts['userId']> =>
  fileFact(access, '/proc/self/status', (text) => {
    const id = /^Uid:\s+\d+\s+(\d+)/m.exec(text)?.[1];
    return id === undefined ? null : Number(id);
  });

async function readFacts(options: DoctorOptions): Promise<StackFacts> {
  const { access } = options;
  const nodes = readNodes(access, options.mayOpenDevices);
  const [
    module,
    loadedModules,
    moduleOnDisk,
    library,
    smi,
    pci,
    nvSwitches,
    dockerInfo,
    daemonConfig,
    toolkitVersion,
    cdiFiles,
    fabricManagerVersion,
    services,
    secureBoot,
    kernelVersion,
    kernelLog,
    cgroups,
    userId,
  ] = await Promise.all([
    within('/proc/driver/nvidia/version', () => readModule(access)),
    within('/proc/modules', () => readLoadedModules(access)),
    within('modinfo', () => readModuleOnDisk(access)),
    within('libnvidia-ml.so.1', () => readLibrary(access)),
    within('nvidia-smi', options.smi),
    within(pciPath, () => readPci(access)),
    within('nvidia-nvswitch', () => readNvSwitches(access)),
    within('Docker’s socket', () => readDockerInfo(access, options.dockerSocketPath)),
    within('/etc/docker/daemon.json', () => readDaemonConfig(access)),
    within('nvidia-ctk', () => readToolkitVersion(access)),
    within('CDI specifications', () => readCdiFiles(access)),
    within('nv-fabricmanager', () => readFabricManagerVersion(access)),
    within('systemctl', () => readServices(access)),
    within('Secure Boot', () => readSecureBoot(access)),
    within('/proc/sys/kernel/osrelease', () => readKernelVersion(access)),
    within('dmesg', () => readKernelLog(access)),
    within('/proc/1/cgroup', () => readCgroups(access)),
    within('/proc/self/status', () => readUserId(access)),
  ]);
  return {
    module,
    loadedModules,
    moduleOnDisk,
    library,
    smi,
    pci,
    nvSwitches,
    nodes: await nodes,
    dockerInfo,
    daemonConfig,
    toolkitVersion,
    cdiFiles,
    fabricManagerVersion,
    services,
    secureBoot,
    kernelVersion,
    kernelLog,
    cgroups,
    userId,
  };
}
