import { createHash } from 'node:crypto';
import type { CdiFile, Fact } from '../../lib/doctor/index.ts';
import { type DockerInfo, parseToolkitConfig, type ToolkitConfig } from '../../lib/host-facts/index.ts';
import {
  type HostSoftware,
  longestFacetValue,
  longestSoftwareReason,
  type SoftwareFact,
  type SoftwareName,
} from '../../lib/model/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import type { GpuSoftware } from '../collect/gpus/software.ts';
import { fileFact, known, mapFact, notKnown, runFact, within } from '../doctor/ask.ts';
import { readCdiFiles, readDockerInfo } from '../doctor/container-facts.ts';
import {
  readFabricManagerVersion,
  readLibrary,
  readLoadedModules,
  readModuleOnDisk,
} from '../doctor/driver-facts.ts';

export interface SoftwareOptions {
  readonly access: HostAccess;
  readonly dockerSocketPath: string | null;
  /** What nvidia-smi's last document told; null: none yet. */
  readonly gpuSoftware: GpuSoftware | null;
}

const configPath = '/etc/nvidia-container-runtime/config.toml';

const factOf = (fact: Fact<string>, absentWords: string): SoftwareFact => {
  if (fact.state === 'known')
    return {
      value: fact.value.slice(0, longestFacetValue),
      missing: null,
      reason: fact.from.slice(0, longestSoftwareReason),
    };
  const reason = fact.state === 'absent' ? absentWords : `${fact.from}: ${fact.why}`;
  return { value: null, missing: fact.state, reason: reason.slice(0, longestSoftwareReason) };
};

const version = async (access: HostAccess, program: 'containerd' | 'runc'): Promise<Fact<string>> =>
  mapFact(await runFact(access, [program, '--version']), ({ stdout }) => {
    const found = /(?:^|\s)v?(\d+\.\d+\.\d+\S{0,40})/.exec(stdout)?.[1];
    return found === undefined
      ? notKnown(`${program} --version`, 'it names no version')
      : known(`${program} --version`, found);
  });

/** Those of NVIDIA; other vendors describe their devices in the same folders. */
const ofNvidia = (files: readonly CdiFile[]): readonly CdiFile[] =>
  files.filter(({ spec }) => spec.cdiKind?.startsWith('nvidia.com/') === true);

const cdiPlace = '/etc/cdi and /var/run/cdi';

function cdiDriver(files: Fact<readonly CdiFile[]>): Fact<string> {
  return mapFact(files, (all) => {
    const own = ofNvidia(all);
    if (own.length === 0) return { state: 'absent', from: cdiPlace };
    const versions = [...new Set(own.flatMap(({ spec }) => spec.driverVersion ?? []))].sort();
    const paths = own.map(({ path }) => path).join(', ');
    return versions.length === 0
      ? notKnown(paths, 'they name no driver')
      : known(paths, versions.join(' and '));
  });
}

/** What is put into containers, by a short sum: two hosts with the same driver and toolkit have the same. */
function cdiHash(files: Fact<readonly CdiFile[]>): Fact<string> {
  return mapFact(files, (all) => {
    const own = ofNvidia(all);
    if (own.length === 0) return { state: 'absent', from: cdiPlace };
    const told = own.map(({ spec }) => [
      spec.cdiVersion,
      spec.cdiKind,
      [...spec.hostPaths].sort(),
      [...spec.deviceNodes].sort(),
    ]);
    const sum = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 12);
    return known(own.map(({ path }) => path).join(', '), sum);
  });
}

/** What counts where nothing is set is the toolkit's own default. */
const setting = (
  config: Fact<ToolkitConfig>,
  read: (config: ToolkitConfig) => string | null,
  byDefault: string,
): Fact<string> => mapFact(config, (value) => known(configPath, read(value) ?? byDefault));

const ofGpus = (told: GpuSoftware | null, value: string | null | undefined, absentWords: string) => {
  if (told === null) return factOf(notKnown('nvidia-smi', 'it has not answered yet'), '');
  return value === null || value === undefined
    ? ({ value: null, missing: 'absent', reason: absentWords } as const)
    : factOf(known('nvidia-smi -q -x', value), '');
};

/** Reads everything at once, each within 3 s. Opens no NVIDIA device. Never rejects. */
export async function readSoftware(options: SoftwareOptions): Promise<HostSoftware> {
  const { access, dockerSocketPath, gpuSoftware } = options;
  const [moduleOnDisk, library, modules, fabric, config, cdi, docker, containerd, runc] = await Promise.all([
    within('modinfo', () => readModuleOnDisk(access)),
    within('libnvidia-ml.so.1', () => readLibrary(access)),
    within('/proc/modules', () => readLoadedModules(access)),
    within('nv-fabricmanager', () => readFabricManagerVersion(access)),
    within(configPath, () => fileFact(access, configPath, parseToolkitConfig)),
    within(cdiPlace, () => readCdiFiles(access)),
    within('Docker’s socket', () => readDockerInfo(access, dockerSocketPath)),
    within('containerd', () => version(access, 'containerd')),
    within('runc', () => version(access, 'runc')),
  ]);
  const dockerFact = (read: (info: DockerInfo) => Fact<string>) =>
    factOf(mapFact(docker, read), 'no Docker socket');
  const noToolkit = 'the NVIDIA Container Toolkit has no config.toml here';
  const noCdi = 'no CDI specification of NVIDIA in /etc/cdi or /var/run/cdi';
  const facts: Readonly<Record<SoftwareName, SoftwareFact>> = {
    moduleOnDisk: factOf(moduleOnDisk, 'no NVIDIA module for the running kernel on disk'),
    library: factOf(library, 'libnvidia-ml.so.1 is in none of the usual folders'),
    gspFirmware: ofGpus(gpuSoftware, gpuSoftware?.gspFirmware, 'its GPUs run no GSP firmware'),
    fabricManager: factOf(fabric, 'nv-fabricmanager is not installed'),
    toolkitMode: factOf(
      setting(config, ({ mode }) => mode, 'auto'),
      noToolkit,
    ),
    noCgroups: factOf(
      setting(config, ({ noCgroups }) => (noCgroups === null ? null : String(noCgroups)), 'false'),
      noToolkit,
    ),
    containerd: factOf(containerd, 'containerd is not installed, or not on the agent’s PATH'),
    runc: factOf(runc, 'runc is not installed, or not on the agent’s PATH'),
    defaultRuntime: dockerFact(({ defaultRuntime }) =>
      defaultRuntime === null ? notKnown('GET /info', 'it names none') : known('GET /info', defaultRuntime),
    ),
    nvidiaRuntime: dockerFact(({ runtimes }) =>
      known('GET /info', runtimes.includes('nvidia') ? 'registered' : 'not registered'),
    ),
    cdiDriver: factOf(cdiDriver(cdi), noCdi),
    cdiHash: factOf(cdiHash(cdi), noCdi),
    inforom: ofGpus(gpuSoftware, gpuSoftware?.inforom, 'its GPUs tell none'),
    applicationClocks: ofGpus(
      gpuSoftware,
      gpuSoftware?.applicationClocks,
      'its GPUs have none, or the driver tells them no more',
    ),
    nouveau: factOf(
      mapFact(modules, (names) =>
        known('/proc/modules', names.includes('nouveau') ? 'loaded' : 'not loaded'),
      ),
      'no /proc/modules',
    ),
  };
  return { readAt: new Date().toISOString(), facts };
}
