import type {
  AgentStatus,
  Container,
  ContainerCompat,
  FailedContainer,
  HostAskedPause,
  HostMaintenance,
  HostSoftware,
  HostState,
  HostSummary,
  RawReading,
  Report,
} from '../model/index.ts';
import type { HostStanding } from './fleet.ts';
import type { ClockOffset } from './report-time.ts';

/** In short, whether a container of a report can use CUDA there; null: nobody judges. */
export type CompatOf = (report: Report, container: Container | FailedContainer) => ContainerCompat | null;

/** What the fleet holds of one host. Times are milliseconds of the hub's clock. */
export interface LiveHost {
  readonly id: string;
  hostname: string;
  agentLabels: Readonly<Record<string, string>>;
  /** Of the agent's labels, as it says; `agent` where it does not. */
  agentLabelSources: Readonly<Record<string, string>>;
  hubLabels: Readonly<Record<string, string>>;
  fileLabels: Readonly<Record<string, string>>;
  readonly enrolledAtMillis: number;
  /** Newest report; null when it enrolled and never reported. */
  report: Report | null;
  /** The texts that the newest report was read from; null unless it came with them. */
  raw: RawReading | null;
  agent: AgentStatus | null;
  /** What the agent told last beside its reports; null: it told none yet, or is an older one. */
  software: HostSoftware | null;
  /** When the newest report was received, and when it was taken by the hub's clock. */
  receivedAtMillis: number | null;
  takenAtMillis: number | null;
  /** Null before the first report since the hub's start. */
  clock: ClockOffset | null;
  /** True for a report from before the hub's start: known, never shown as now. */
  restored: boolean;
  /** Once gone it is gone until a report arrives, whatever the hub itself slept through. */
  gone: boolean;
  state: HostState;
  stateReason: string;
  stateSinceMillis: number;
  current: boolean;
  maintenance: HostMaintenance | null;
  readonly compatOf: CompatOf;
  /** What people asked of it; it may not have done so yet. */
  askedPause: HostAskedPause | null;
  summary: HostSummary | null;
  standing: HostStanding | null;
  /** The most GPUs in one report, and when that was last so. */
  mostGpus: { readonly count: number; readonly atMillis: number };
}

const rememberGpusMillis = 7 * 86_400_000;

/** What a report tells of how many GPUs there are; a driver that does not answer tells nothing. */
export function withGpus(
  before: LiveHost['mostGpus'],
  report: Pick<Report, 'condition' | 'gpus'> | null,
  atMillis: number,
): LiveHost['mostGpus'] {
  if (report === null || report.condition !== 'ok') return before;
  const { length: count } = report.gpus;
  const isForgotten = atMillis - before.atMillis > rememberGpusMillis;
  return count >= before.count || isForgotten ? { count, atMillis } : before;
}

export const isoOf = (millis: number): string => new Date(millis).toISOString();

/** Words for a length of time: `40 s`, `12 min`, `3 h`, `2 d`. */
export function durationWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
