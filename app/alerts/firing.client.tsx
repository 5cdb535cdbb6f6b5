'use client';
import type { Alert, AlertRuleView } from '../../lib/model/index.ts';
import { Empty, Panel } from '../components/page-parts.tsx';
import { formatDuration } from '../format/index.ts';
import { AlertCard } from './alert-card.client.tsx';
import { AlertsExport } from './alerts-export.client.tsx';

/** Loud before quiet, critical before warning, then the oldest first. */
function rank({ phase, quiet, severity, since }: Alert): string {
  const standing = phase === 'pending' ? 2 : quiet === null ? 0 : 1;
  return `${standing} ${severity} ${since}`;
}

const byRank = (a: Alert, b: Alert): number => (rank(a) < rank(b) ? -1 : 1);

/** What is watched, so that an empty page says what it would tell. */
export function Watched({ rules }: { rules: readonly AlertRuleView[] }) {
  return (
    <ul className="mt-2 grid gap-1 text-left">
      {rules
        .filter(({ isOn }) => isOn)
        .map(({ rule, watches, afterSeconds, severity }) => (
          <li key={rule}>
            <code className="font-mono text-[13px] text-text">{rule}</code> ({severity}, after{' '}
            {formatDuration(afterSeconds)}): {watches}
          </li>
        ))}
    </ul>
  );
}

interface FiringProps {
  readonly alerts: readonly Alert[];
  /** The API call that gave them. */
  readonly call: string;
  readonly rules: readonly AlertRuleView[];
  readonly serverTime: string;
  readonly done: () => void;
}

/** Alerts that are pending or firing, those of one cause together. */
export function Firing({ alerts, call, rules, serverTime, done }: FiringProps) {
  if (alerts.length === 0)
    return (
      <Panel>
        <Empty title="Nothing fires">
          The hub watches, and tells every channel of what it finds:
          <Watched rules={rules} />
        </Empty>
      </Panel>
    );
  const causes = [...Map.groupBy([...alerts].sort(byRank), ({ cause }) => cause)];
  return (
    <div className="grid gap-4">
      <div className="flex justify-end">
        <AlertsExport name="firing alerts" alerts={causes.flatMap(([, each]) => each)} call={call} />
      </div>
      {causes.map(([cause, [first, ...rest]]) =>
        first === undefined ? null : (
          <Panel
            key={cause}
            title={cause}
            aside={rest.length === 0 ? undefined : `${rest.length + 1} alerts`}
          >
            <div className="grid gap-1 border-b border-line px-4 py-2 text-muted">
              <p>{first.whyItMatters}</p>
              {rest.every(({ whatToDo }) => whatToDo === first.whatToDo) ? (
                <p className="text-text">{first.whatToDo}</p>
              ) : null}
            </div>
            <ul>
              {[first, ...rest].map((alert) => (
                <AlertCard key={alert.id} alert={alert} serverTime={serverTime} done={done} />
              ))}
            </ul>
          </Panel>
        ),
      )}
    </div>
  );
}
