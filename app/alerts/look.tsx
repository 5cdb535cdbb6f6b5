import clsx from 'clsx';
import {
  BellOff,
  CircleCheck,
  CircleX,
  Hourglass,
  type LucideIcon,
  TriangleAlert,
  Wrench,
} from 'lucide-react';
import type { Alert } from '../../lib/model/index.ts';

interface Look {
  readonly word: string;
  readonly icon: LucideIcon;
  readonly tone: string;
}

const quietLooks = {
  silence: { word: 'silenced', icon: BellOff },
  maintenance: { word: 'in maintenance', icon: Wrench },
  inhibited: { word: 'kept quiet', icon: BellOff },
  'out-of-service': { word: 'out of service', icon: Wrench },
} as const;

/** How an alert stands: a shape and a word, colour only for what someone is told of. */
export function lookOf(alert: Pick<Alert, 'phase' | 'severity' | 'quiet'>): Look {
  if (alert.phase === 'resolved') return { word: 'resolved', icon: CircleCheck, tone: 'text-muted' };
  if (alert.quiet !== null) return { ...quietLooks[alert.quiet.kind], tone: 'text-muted' };
  if (alert.phase === 'pending') return { word: 'pending', icon: Hourglass, tone: 'text-muted' };
  return alert.severity === 'critical'
    ? { word: 'critical', icon: CircleX, tone: 'text-crit font-medium' }
    : { word: 'warning', icon: TriangleAlert, tone: 'text-warn font-medium' };
}

export function AlertBadge({ alert }: { alert: Pick<Alert, 'phase' | 'severity' | 'quiet'> }) {
  const { word, icon: Icon, tone } = lookOf(alert);
  return (
    <span
      data-testid="alert-state"
      className={clsx('inline-flex items-baseline gap-1 whitespace-nowrap', tone)}
    >
      <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
      {word}
    </span>
  );
}
