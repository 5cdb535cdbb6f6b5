import clsx from 'clsx';
import type { Alert } from '../../lib/model/index.ts';
import { formatDuration } from '../format/index.ts';

/** A stretch of time on a shared axis, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the first thing that any of the alerts tells to now. */
export const spanOf = (alerts: readonly Alert[], nowMillis: number): Span => ({
  from: Math.min(nowMillis - 60_000, ...alerts.map(({ since }) => Date.parse(since))),
  to: nowMillis,
});

const percent = (millis: number, { from, to }: Span): number =>
  Math.min(100, Math.max(0, ((millis - from) / (to - from)) * 100));

interface Stretch {
  readonly phase: 'pending' | 'firing';
  readonly from: number;
  readonly to: number;
}

function stretchesOf(alert: Alert, { to: now }: Span): readonly Stretch[] {
  const [since, fired, resolved] = [alert.since, alert.firedAt, alert.resolvedAt].map((time) =>
    time === null || time === undefined ? null : Date.parse(time),
  );
  const end = resolved ?? now;
  const firing: readonly Stretch[] =
    fired === null || fired === undefined ? [] : [{ phase: 'firing', from: fired, to: end }];
  return [{ phase: 'pending', from: since ?? end, to: fired ?? end }, ...firing];
}

function words(alert: Alert, { to: now }: Span): string {
  const seconds = (from: string, to: string | null) =>
    ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000;
  const pending = `true for ${formatDuration(seconds(alert.since, alert.firedAt ?? alert.resolvedAt))}`;
  if (alert.firedAt === null) return `${pending}, not firing yet`;
  const firing = `${pending}, then firing for ${formatDuration(seconds(alert.firedAt, alert.resolvedAt))}`;
  return alert.resolvedAt === null ? `${firing} until now` : `${firing}, then resolved`;
}

/** When it was true (hatched) and when it fired (filled), on the axis that all of them share. */
export function Timeline({ alert, span }: { alert: Alert; span: Span }) {
  return (
    <span
      role="img"
      aria-label={words(alert, span)}
      title={words(alert, span)}
      className="block min-w-24 py-1"
    >
      <span className="relative block h-3 rounded-xs bg-bar-track">
        {stretchesOf(alert, span).map(({ phase, from, to }) => {
          const left = percent(from, span);
          return (
            <span
              key={phase}
              className={clsx(
                'absolute inset-y-0 min-w-0.5 rounded-xs',
                phase === 'pending' ? 'hatched' : alert.severity === 'critical' ? 'bg-crit' : 'bg-warn',
              )}
              style={{ left: `${left}%`, width: `${Math.max(0, percent(to, span) - left)}%` }}
            />
          );
        })}
      </span>
    </span>
  );
}
