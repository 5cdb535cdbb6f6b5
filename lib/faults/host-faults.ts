import type {
  Fault,
  FaultSeverity,
  KernelTrouble,
  ReportedFaults,
  ReportedGpu,
  XidCount,
} from '../model/index.ts';
import { gpuFindings } from './gpu-findings.ts';
import { explainXid } from './xid.ts';

export interface FaultInput {
  readonly gpus: readonly ReportedGpu[];
  /** The name that a GPU has in lists and addresses: its uuid, or what stands for it. */
  readonly keyOf: (gpu: ReportedGpu) => string;
  /** Null of an agent that does not tell; what the GPUs' readings say is told all the same. */
  readonly reported: ReportedFaults | null;
  /** A host's time as the hub's clock has it. */
  readonly onHubClock: (hostTime: string) => string;
}

const rank: Readonly<Record<FaultSeverity, number>> = { critical: 0, warning: 1, info: 2 };

/** Everything that is wrong on a host: the worst first, then the newest. */
export function hostFaults(input: FaultInput): Fault[] {
  const { gpus, reported } = input;
  const xids = reported?.xids ?? [];
  const fellOff = new Set(xids.filter(({ xid }) => xid === 79).map(({ pciBusId }) => pciBusId));
  const troubles = (reported?.troubles ?? []).filter(
    // The driver says it twice: as Xid 79 and in words.
    ({ kind, pciBusId }) => kind !== 'gpu-lost' || !fellOff.has(pciBusId),
  );
  const faults = [
    ...gpus.flatMap((gpu) => ofReadings(gpu, input)),
    ...xids.map((count) => ofXid(count, input)),
    ...troubles.map((trouble) => ofTrouble(trouble, input)),
  ];
  const newest = (fault: Fault): string => fault.lastAt ?? fault.since ?? '';
  return faults.sort(
    (a, b) =>
      rank[a.severity] - rank[b.severity] || (newest(a) < newest(b) ? 1 : newest(a) > newest(b) ? -1 : 0),
  );
}

function ofReadings(gpu: ReportedGpu, { keyOf, reported, onHubClock }: FaultInput): Fault[] {
  const findings = gpuFindings(gpu);
  if (findings.length === 0) return [];
  const starts = reported?.starts.filter(({ gpuUuid }) => gpuUuid === gpu.uuid) ?? [];
  return findings.map((finding) => {
    const at = starts.find(({ key }) => key === finding.key)?.at;
    return {
      ...finding,
      gpuUuid: keyOf(gpu),
      gpuIndex: gpu.index,
      pciBusId: gpu.pciBusId,
      xid: null,
      count: null,
      since: at === undefined ? null : onHubClock(at),
      lastAt: null,
    };
  });
}

/** The GPU of the list that is meant: by its address, since a lost one may tell no uuid. */
function gpuOf(told: Pick<XidCount, 'pciBusId' | 'gpuUuid'>, { gpus, keyOf }: FaultInput) {
  const busId = told.pciBusId.toUpperCase();
  const gpu = gpus.find(
    ({ uuid, pciBusId }) =>
      (told.gpuUuid !== null && uuid === told.gpuUuid) || padded(pciBusId ?? '') === busId,
  );
  return {
    gpuUuid: gpu === undefined ? null : keyOf(gpu),
    gpuIndex: gpu?.index ?? null,
    pciBusId: told.pciBusId,
  };
}

/** nvidia-smi's domain has eight digits, the kernel's four. */
const padded = (busId: string): string =>
  busId.replace(/^([0-9a-f]{4}):(?=[0-9a-f]{2}:)/i, '0000$1:').toUpperCase();

const times = (
  { firstAt, lastAt }: Pick<XidCount, 'firstAt' | 'lastAt'>,
  onHubClock: FaultInput['onHubClock'],
) => ({
  since: firstAt === null ? null : onHubClock(firstAt),
  lastAt: lastAt === null ? null : onHubClock(lastAt),
});

function ofXid(told: XidCount, input: FaultInput): Fault {
  const { meaning, severity, advice, source } = explainXid(told.xid, told.lastText);
  const { lastPid, lastProcessName, lastText } = told;
  const process =
    lastPid === null ? '' : `process ${lastPid}${lastProcessName === null ? '' : ` (${lastProcessName})`}`;
  const detail = [lastText, process].filter((part) => part !== '').join('; ');
  return {
    kind: 'xid',
    key: `xid:${told.xid}`,
    severity,
    ...gpuOf(told, input),
    xid: told.xid,
    title: `Xid ${told.xid}: ${meaning}`,
    detail: detail === '' ? null : detail,
    advice,
    source,
    count: told.count,
    ...times(told, input.onHubClock),
  };
}

const troubleWords: Readonly<Record<KernelTrouble['kind'], readonly [FaultSeverity, string, string]>> = {
  'gpu-lost': [
    'critical',
    'The kernel says that the GPU has fallen off the bus',
    'Drain the host and power-cycle it; if it comes back, check power, cooling and seating.',
  ],
  'gpu-init-failed': [
    'critical',
    'The driver could not bring the GPU up',
    'Restart the host; if it fails again, check that the driver supports the card, and its power and seating.',
  ],
  'switch-error': [
    'warning',
    'An NVSwitch reports an error (SXid)',
    'If it says fatal, or comes back: drain the host, restart the fabric manager and reset the GPUs; then check the links that it names.',
  ],
};

function ofTrouble(told: KernelTrouble, input: FaultInput): Fault {
  const [severity, title, advice] = troubleWords[told.kind];
  const isFatal = told.kind === 'switch-error' && /(?:^|[,:] )Fatal\b/.test(told.lastText);
  return {
    kind: told.kind,
    key: `${told.kind}:${told.pciBusId}`,
    severity: isFatal ? 'critical' : severity,
    ...gpuOf(told, input),
    xid: null,
    title,
    detail: told.lastText === '' ? null : told.lastText,
    advice,
    source:
      told.kind === 'switch-error'
        ? 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/'
        : null,
    count: told.count,
    ...times(told, input.onHubClock),
  };
}
