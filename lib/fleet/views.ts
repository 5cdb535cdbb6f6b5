import { hostFaults } from '../faults/index.ts';
import {
  agentLabelSource,
  type ContainerView,
  currentStack,
  driverVersionOf,
  type Fault,
  type GpuDetail,
  type GpuFaultMark,
  type GpuSummary,
  type GrantFinding,
  groupLabel,
  type HostDetail,
  type HostLabel,
  type HostSummary,
  type LabelSource,
  mergeLabels,
  type OwnerRow,
  type Problem,
  powerWattsOf,
  type Report,
  type ReportedGpu,
} from '../model/index.ts';
import { grantFindings } from '../owners/index.ts';
import { unattributedOf } from './attribution.ts';
import { faultMarks } from './fault-marks.ts';
import type { HostStanding } from './fleet.ts';
import { durationWords, isoOf, type LiveHost } from './live-host.ts';
import { ownerRows } from './owner-rows.ts';
import { tolerableOffsetSeconds } from './report-time.ts';

/** A GPU that tells no uuid (lost, or an old driver) still needs a name that stays. */
export const gpuKey = (hostId: string, gpu: Pick<ReportedGpu, 'uuid' | 'pciBusId' | 'index'>): string =>
  gpu.uuid ?? `${hostId}:${gpu.pciBusId ?? gpu.index ?? 'unknown'}`;

function labelsOf(host: LiveHost) {
  const all = (labels: Readonly<Record<string, string>>, sourceOf: (key: string) => LabelSource) =>
    Object.entries(labels).map(([key, value]): HostLabel => ({ key, value, source: sourceOf(key) }));
  return mergeLabels([
    ...all(host.agentLabels, (key) => agentLabelSource(host.agentLabelSources[key])),
    ...all(host.hubLabels, () => 'hub'),
    ...all(host.fileLabels, () => 'fleet-file'),
  ]);
}

function groupOf(host: LiveHost): string {
  const { fileLabels, hubLabels, agentLabels } = host;
  const named = fileLabels[groupLabel] ?? hubLabels[groupLabel] ?? agentLabels[groupLabel];
  if (named !== undefined && named !== '') return named;
  return host.report?.gpus.find((gpu) => gpu.name !== null)?.name ?? 'no GPU';
}

const noMarks: readonly GpuFaultMark[] = [];
const ifCurrent = <T>(current: boolean, value: T): T | null => (current ? value : null);

function gpuSummary(
  host: LiveHost,
  gpu: ReportedGpu,
  marks: ReadonlyMap<string, readonly GpuFaultMark[]>,
): GpuSummary {
  const current = host.current && gpu.state === 'ok';
  const uuid = gpuKey(host.id, gpu);
  return {
    uuid,
    index: gpu.index,
    name: gpu.name,
    state: gpu.state,
    utilizationRatio: ifCurrent(current, gpu.utilization.gpuRatio),
    memoryUsedBytes: ifCurrent(current, gpu.memory.usedBytes),
    memoryTotalBytes: gpu.memory.totalBytes,
    temperatureCelsius: ifCurrent(current, gpu.temperature.gpuCelsius),
    powerWatts: ifCurrent(current, powerWattsOf(gpu)),
    powerLimitWatts: gpu.power.limitWatts,
    throttleReasons: ifCurrent(current, gpu.throttleReasons),
    migDevices: gpu.migDevices.map((device) => ({
      profile: device.profile,
      memoryUsedBytes: ifCurrent(current, device.memory.usedBytes),
      memoryTotalBytes: device.memory.totalBytes,
    })),
    processCount: current ? gpu.processes.length : 0,
    faults: marks.get(uuid) ?? noMarks,
  };
}

export function summaryOf(host: LiveHost): HostSummary {
  const { report } = host;
  const stack = report === null ? null : currentStack(report);
  const marks = faultMarks(host, faultsOf);
  return {
    id: host.id,
    hostname: host.hostname,
    group: groupOf(host),
    labels: labelsOf(host).labels,
    state: host.state,
    stateReason: host.stateReason,
    stateSince: isoOf(host.stateSinceMillis),
    lastReportAt: host.receivedAtMillis === null ? null : isoOf(host.receivedAtMillis),
    intervalSeconds: report?.intervalSeconds ?? 5,
    current: host.current,
    driverVersion: stack === null ? null : driverVersionOf(stack),
    cudaVersion: stack?.cudaVersion ?? null,
    containerCount: report?.containers.length ?? 0,
    maintenance: host.maintenance,
    gpus: report?.gpus.map((gpu) => gpuSummary(host, gpu, marks)) ?? [],
  };
}

/** Age of something that the host's clock dates, by the hub's clock. */
function ageOf(host: LiveHost, report: Report, hostTime: string, nowMillis: number): number | null {
  if (host.takenAtMillis === null) return null;
  const beforeReport = Date.parse(report.takenAt) - Date.parse(hostTime);
  return Math.max(0, (nowMillis - host.takenAtMillis + beforeReport) / 1000);
}

const gpuDetail = (host: LiveHost, report: Report, gpu: ReportedGpu, nowMillis: number): GpuDetail => ({
  ...gpu,
  uuid: gpuKey(host.id, gpu),
  hostId: host.id,
  hostname: host.hostname,
  current: host.current && gpu.state === 'ok',
  ageSeconds: ageOf(host, report, gpu.sampledAt, nowMillis),
  unattributed: unattributedOf(gpu),
});

export function gpuDetailsOf(host: LiveHost, nowMillis: number): GpuDetail[] {
  const { report } = host;
  return report === null ? [] : report.gpus.map((gpu) => gpuDetail(host, report, gpu, nowMillis));
}

/** What its containers stand on. */
function underContainers(host: LiveHost, report: Report) {
  const stack = currentStack(report);
  return {
    hostId: host.id,
    hostname: host.hostname,
    group: groupOf(host),
    hostDriverVersion: driverVersionOf(stack),
    hostCudaVersion: stack.cudaVersion,
    hostToolkitVersion: stack.containerToolkitVersion,
    current: host.current,
  };
}

/** Those that failed; one that runs again is told as running only. */
export function failedContainersOf(host: LiveHost): ContainerView[] {
  const { report } = host;
  if (report === null) return [];
  const under = underContainers(host, report);
  const running = new Set(report.containers.map(({ id }) => id));
  return (report.failedContainers ?? [])
    .filter(({ id }) => !running.has(id))
    .map((container) => ({
      ...container,
      ...under,
      compat: host.compatOf(report, container),
      findings: [],
      gpus: [],
    }));
}

export function containersOf(host: LiveHost): ContainerView[] {
  const { report } = host;
  if (report === null) return [];
  const byUuid = new Map(report.gpus.map((gpu) => [gpu.uuid, gpu]));
  const under = underContainers(host, report);
  const findings = findingsOf(report);
  return report.containers.map((container) => ({
    ...container,
    ...under,
    findings: findings.filter(({ containerId, otherContainerIds }) =>
      [containerId, ...otherContainerIds].includes(container.id),
    ),
    compat: host.compatOf(report, container),
    exit: null,
    gpus: container.gpus.map((use) => ({
      ...use,
      gpuIndex: byUuid.get(use.gpuUuid)?.index ?? null,
      gpuName: byUuid.get(use.gpuUuid)?.name ?? null,
    })),
  }));
}

/** Everyone who uses its GPUs, of every kind. */
export function ownerRowsOf(host: LiveHost): readonly OwnerRow[] {
  const { report, id: hostId, hostname, current } = host;
  if (report === null) return [];
  const hostCudaVersion = currentStack(report).cudaVersion;
  return ownerRows(report, { hostId, hostname, group: groupOf(host), current, hostCudaVersion });
}

const found = new WeakMap<Report, readonly GrantFinding[]>();

/** What is odd about grants: looked for once a report. */
function findingsOf(report: Report): readonly GrantFinding[] {
  const before = found.get(report);
  if (before !== undefined) return before;
  const findings = grantFindings(report.containers, report.gpus);
  found.set(report, findings);
  return findings;
}

/** A report is judged once, however many look: pages, streams and scrapes ask for the same. */
const judged = new WeakMap<Report, { readonly shiftMillis: number; readonly faults: readonly Fault[] }>();

/** What is wrong on a host, in words, with times by the hub's clock. */
export function faultsOf(host: LiveHost): readonly Fault[] {
  const { report } = host;
  if (report === null) return [];
  const offsetSeconds = host.clock?.seconds ?? 0;
  const shiftMillis = Math.abs(offsetSeconds) > tolerableOffsetSeconds ? offsetSeconds * 1000 : 0;
  const before = judged.get(report);
  if (before?.shiftMillis === shiftMillis) return before.faults;
  const faults = hostFaults({
    gpus: report.gpus,
    keyOf: (gpu) => gpuKey(host.id, gpu),
    reported: report.faults ?? null,
    onHubClock: (hostTime) => isoOf(Date.parse(hostTime) - shiftMillis),
  });
  judged.set(report, { shiftMillis, faults });
  return faults;
}

/** As the rules see it; what is wrong is looked for when someone asks. */
export function standingOf(host: LiveHost, { group, labels }: HostSummary): HostStanding {
  const { id, hostname, state, stateReason, stateSinceMillis, receivedAtMillis, current, report } = host;
  return {
    id,
    hostname,
    group,
    labels,
    state,
    stateReason,
    stateSinceMillis,
    receivedAtMillis,
    inMaintenance: host.maintenance !== null,
    current,
    report,
    agentVersion: host.agent?.version ?? null,
    gpusBefore: host.mostGpus.count,
    get faults() {
      return faultsOf(host);
    },
  };
}

function clockProblem(offsetSeconds: number | null): Problem[] {
  if (offsetSeconds === null || Math.abs(offsetSeconds) <= tolerableOffsetSeconds) return [];
  const side = offsetSeconds > 0 ? 'ahead of' : 'behind';
  const size = durationWords(Math.abs(offsetSeconds));
  const message = `The host's clock is ${size} ${side} the hub's; the hub corrects the times it stores.`;
  return [{ field: 'clock', text: `${offsetSeconds.toFixed(1)} s`, message }];
}

export function detailOf(host: LiveHost, summary: HostSummary, nowMillis: number): HostDetail {
  const { report } = host;
  const clockOffsetSeconds = host.clock?.seconds ?? null;
  return {
    ...summary,
    hiddenLabels: labelsOf(host).hidden,
    condition: report?.condition ?? null,
    failure: report?.failure ?? null,
    takenAt: report?.takenAt ?? null,
    ageSeconds: report === null ? null : ageOf(host, report, report.takenAt, nowMillis),
    clockOffsetSeconds,
    stack: report === null ? null : currentStack(report),
    agent: host.agent,
    gpus: gpuDetailsOf(host, nowMillis),
    containers: containersOf(host),
    failedContainers: failedContainersOf(host),
    owners: report?.owners ?? [],
    grantFindings: report === null ? [] : findingsOf(report),
    sources: report?.sources ?? [],
    problems: [...clockProblem(clockOffsetSeconds), ...(report?.problems ?? [])],
    pciGpus: report?.pciGpus ?? null,
    faults: faultsOf(host),
    faultCounts: report?.faults ?? null,
    pause: report?.pause ?? null,
    askedPause: host.askedPause,
    notes: report?.notes ?? [],
    doctor: report?.doctor ?? null,
  };
}
