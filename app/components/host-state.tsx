import clsx from 'clsx';
import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  Hourglass,
  type LucideIcon,
  OctagonX,
  TriangleAlert,
  Unplug,
  Wrench,
} from 'lucide-react';
import type { GpuState, HostMaintenance, HostSummary } from '../../lib/model/index.ts';
import { type HostStanding, standingOf } from './host-standing.ts';

interface Look {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly tone: 'quiet' | 'warning' | 'critical';
}

export const standingLooks: Readonly<Record<HostStanding, Look>> = {
  ok: { word: 'ok', icon: CircleCheck, tone: 'quiet' },
  starting: { word: 'starting', icon: Hourglass, tone: 'quiet' },
  'gpu-lost': { word: 'GPU lost', icon: CircleX, tone: 'critical' },
  'driver-failed': { word: 'driver failed', icon: OctagonX, tone: 'critical' },
  'driver-hung': { word: 'driver hung', icon: OctagonX, tone: 'critical' },
  'no-gpus': { word: 'no GPUs', icon: CircleSlash, tone: 'warning' },
  paused: { word: 'paused', icon: CirclePause, tone: 'warning' },
  late: { word: 'late', icon: Clock, tone: 'warning' },
  gone: { word: 'gone', icon: CircleDashed, tone: 'critical' },
  'gpu-fault': { word: 'GPU fault', icon: CircleX, tone: 'critical' },
  'gpu-warning': { word: 'GPU warning', icon: TriangleAlert, tone: 'warning' },
};

/** How a host stands: its state, or what is wrong with a GPU of one that reports well. */
export const standingLook = (host: HostSummary): Look => standingLooks[standingOf(host)];

const gpuLooks: Readonly<Record<GpuState, Look>> = {
  ok: { word: 'ok', icon: CircleCheck, tone: 'quiet' },
  lost: { word: 'lost', icon: Unplug, tone: 'critical' },
  failed: { word: 'no values', icon: CircleX, tone: 'critical' },
};

const tones = {
  quiet: 'text-muted',
  warning: 'text-warn font-medium',
  critical: 'text-crit font-medium',
} as const;

function Badge({ look, title, testId }: { look: Look; title?: string; testId?: string }) {
  const Icon = look.icon;
  return (
    <span
      data-testid={testId}
      title={title}
      className={clsx('inline-flex items-baseline gap-1 whitespace-nowrap', tones[look.tone])}
    >
      <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
      {look.word}
    </span>
  );
}

/** State of a host: a shape and a word, colour only where someone is needed. */
export function HostStateBadge({ state, reason }: { state: HostStanding; reason?: string }) {
  return (
    <Badge
      look={standingLooks[state]}
      testId="host-state"
      {...(reason === undefined ? {} : { title: reason })}
    />
  );
}

/** Beside the state of a host that someone works on; nothing for the others. */
export function MaintenanceBadge({ maintenance }: { maintenance: HostMaintenance | null }) {
  if (maintenance === null) return null;
  const until = `in maintenance until ${maintenance.until.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')}`;
  return (
    <Badge
      look={{ word: 'in maintenance', icon: Wrench, tone: 'quiet' }}
      testId="host-maintenance"
      title={maintenance.reason === null ? until : `${until}: ${maintenance.reason}`}
    />
  );
}

export function GpuStateBadge({ state, reason }: { state: GpuState; reason?: string | null }) {
  return <Badge look={gpuLooks[state]} {...(reason ? { title: reason } : {})} />;
}
