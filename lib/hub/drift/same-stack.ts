import type { ReportedStack } from '../../drift/index.ts';

type Gpu = ReportedStack['gpus'][number];
type Source = ReportedStack['sources'][number];

const sameMode = (a: Gpu['migMode'], b: Gpu['migMode']): boolean =>
  a?.current === b?.current && a?.pending === b?.pending;

const sameGpu = (a: Gpu, b: Gpu): boolean =>
  a.index === b.index &&
  a.state === b.state &&
  a.name === b.name &&
  a.vbiosVersion === b.vbiosVersion &&
  a.persistenceMode === b.persistenceMode &&
  a.computeMode === b.computeMode &&
  a.power.limitWatts === b.power.limitWatts &&
  sameMode(a.migMode, b.migMode) &&
  sameMode(a.eccMode, b.eccMode) &&
  a.migDevices.length === b.migDevices.length &&
  a.migDevices.every(({ profile }, at) => profile === b.migDevices[at]?.profile);

const sameSource = (a: Source, b: Source): boolean =>
  a.source === b.source &&
  a.state === b.state &&
  a.runs > 0 === b.runs > 0 &&
  a.failure?.message === b.failure?.message;

const sameList = <T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean =>
  a.length === b.length &&
  a.every((one, at) => {
    const other = b[at];
    return other !== undefined && same(one, other);
  });

/** Whether two reports tell the same of everything that a facet is read from; most do, so it is asked first. */
export function sameStack(a: ReportedStack, b: ReportedStack): boolean {
  const [left, right] = [a.stack, b.stack];
  return (
    left.kernelDriverVersion === right.kernelDriverVersion &&
    left.kernelModuleFlavour === right.kernelModuleFlavour &&
    left.driverVersion === right.driverVersion &&
    left.cudaVersion === right.cudaVersion &&
    left.containerToolkitVersion === right.containerToolkitVersion &&
    left.dockerVersion === right.dockerVersion &&
    left.kernelVersion === right.kernelVersion &&
    left.osName === right.osName &&
    a.condition === b.condition &&
    a.failure?.message === b.failure?.message &&
    a.software === b.software &&
    a.agentVersion === b.agentVersion &&
    (a.gpus === b.gpus || sameList(a.gpus, b.gpus, sameGpu)) &&
    samePci(a.pciGpus, b.pciGpus) &&
    sameList(a.sources, b.sources, sameSource)
  );
}

function samePci(a: ReportedStack['pciGpus'], b: ReportedStack['pciGpus']): boolean {
  if (a === null || a === undefined || b === null || b === undefined) return a === b;
  return sameList(a, b, (one, other) => one.passedThrough === other.passedThrough);
}
