import type { FacetReading } from '../../model/index.ts';
import {
  fromSoftware,
  ifSmiAnswers,
  missingOf,
  type Reader,
  type Readers,
  type ReportedStack,
  sourceOf,
  told,
  without,
} from '../reading.ts';

const module = {
  from: '/proc/driver/nvidia/version',
  absentWords: 'no NVIDIA kernel module is loaded',
};

/** A fact of the report's stack, by the source that reads it. */
const ofStack =
  (
    source: string,
    words: { readonly from: string; readonly absentWords: string },
    read: (report: ReportedStack) => string | null,
  ): Reader =>
  (report) => {
    const value = read(report);
    return value === null || value === '' ? missingOf(report, source, words) : told(value, words.from);
  };

/** Two answers of two layers: the module that is loaded, and the library that nvidia-smi uses. */
function driverMismatch(report: ReportedStack): string | null {
  const { kernelDriverVersion: kernel } = report.stack;
  const library = ifSmiAnswers(report, report.stack.driverVersion);
  if (kernel === null || library === null || kernel === library) return null;
  return `the loaded kernel module is ${kernel}, nvidia-smi's library says ${library}`;
}

function libraryInstead(report: ReportedStack): FacetReading | null {
  // Until the module was asked, and while it does not answer, the library's word could be another one.
  const source = sourceOf(report, 'driver-version');
  const wasAsked = source === null || (source.runs > 0 && source.state !== 'hung');
  const version = ifSmiAnswers(report, report.stack.driverVersion);
  if (!wasAsked || version === null) return null;
  return told(version, 'nvidia-smi', 'told by nvidia-smi: /proc/driver/nvidia/version was not readable');
}

function readDriver(report: ReportedStack): FacetReading {
  const { kernelDriverVersion } = report.stack;
  if (kernelDriverVersion !== null && kernelDriverVersion !== '')
    return told(kernelDriverVersion, module.from, driverMismatch(report));
  return libraryInstead(report) ?? missingOf(report, 'driver-version', module);
}

/** Readers of what stands below the GPUs: driver, container engine, system. */
export const stackReaders: Readers<
  | 'driver'
  | 'moduleFlavour'
  | 'moduleOnDisk'
  | 'library'
  | 'cuda'
  | 'fabricManager'
  | 'toolkit'
  | 'toolkitMode'
  | 'noCgroups'
  | 'runtime'
  | 'containerd'
  | 'runc'
  | 'defaultRuntime'
  | 'nvidiaRuntime'
  | 'cdiDriver'
  | 'cdiHash'
  | 'kernel'
  | 'os'
  | 'nouveau'
  | 'agent'
> = {
  driver: readDriver,
  moduleFlavour: ofStack('driver-version', module, ({ stack }) => stack.kernelModuleFlavour),
  moduleOnDisk: fromSoftware('moduleOnDisk'),
  library: fromSoftware('library'),
  cuda: ofStack(
    'nvidia-smi-xml',
    { from: 'nvidia-smi', absentWords: 'nvidia-smi is not on this host' },
    (report) => ifSmiAnswers(report, report.stack.cudaVersion),
  ),
  fabricManager: fromSoftware('fabricManager'),
  toolkit: ofStack(
    'container-toolkit',
    {
      from: 'nvidia-ctk --version',
      absentWords: 'nvidia-ctk was not found: no NVIDIA Container Toolkit that the agent can see',
    },
    ({ stack }) => stack.containerToolkitVersion,
  ),
  toolkitMode: fromSoftware('toolkitMode'),
  noCgroups: fromSoftware('noCgroups'),
  runtime: ofStack(
    'docker',
    { from: 'Docker Engine', absentWords: 'no Docker socket' },
    ({ stack }) => stack.dockerVersion,
  ),
  containerd: fromSoftware('containerd'),
  runc: fromSoftware('runc'),
  defaultRuntime: fromSoftware('defaultRuntime'),
  nvidiaRuntime: fromSoftware('nvidiaRuntime'),
  cdiDriver: fromSoftware('cdiDriver'),
  cdiHash: fromSoftware('cdiHash'),
  kernel: ofStack(
    'os',
    { from: '/proc/sys/kernel/osrelease', absentWords: 'the kernel does not tell its release' },
    ({ stack }) => stack.kernelVersion,
  ),
  os: ofStack(
    'os',
    { from: '/etc/os-release', absentWords: 'no /etc/os-release of the host' },
    ({ stack }) => stack.osName,
  ),
  nouveau: fromSoftware('nouveau'),
  agent: ({ agentVersion }) =>
    agentVersion === null ? without('unknown', 'it does not tell') : told(agentVersion, 'its last push'),
};
