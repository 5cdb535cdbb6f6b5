'use client';
import clsx from 'clsx';
import Link from 'next/link';
import type { Rollout, RolloutHost, RolloutHostState, RolloutState } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { Value } from '../components/value.tsx';
import { plural } from '../format/index.ts';

const columns = [
  { header: 'Host', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'Why', card: 'labelled' },
  { header: 'Batch', card: 'labelled' },
  { header: 'From', card: 'labelled' },
  { header: 'Since', card: 'labelled' },
] as const;

const mostRows = 100;
const stateWords: Readonly<Record<RolloutHostState, string>> = {
  waiting: 'waits',
  offered: 'asked',
  fetching: 'fetches',
  trial: 'on trial',
  done: 'done',
  failed: 'failed',
  skipped: 'passed over',
};
const rolloutWords: Readonly<Record<RolloutState, string>> = {
  running: 'under way',
  done: 'done',
  failed: 'stopped by a failure',
  stopped: 'stopped',
};
/** What needs a look comes first. */
const order: readonly RolloutHostState[] = [
  'failed',
  'trial',
  'fetching',
  'offered',
  'waiting',
  'skipped',
  'done',
];

const batchName = (batch: number): string => (batch === 0 ? 'first' : `${batch}`);

function rowOf(host: RolloutHost, serverTime: string) {
  const { hostId, hostname, state, detail, batch, fromVersion, at } = host;
  return {
    key: hostId,
    cells: [
      <Link key="host" href={`/hosts/${hostId}?tab=collection`} className="whitespace-nowrap text-accent">
        {hostname}
      </Link>,
      <span
        key="state"
        className={clsx(
          'whitespace-nowrap',
          state === 'failed' && 'font-medium text-crit',
          state === 'skipped' && 'text-warn',
        )}
      >
        {stateWords[state]}
      </span>,
      <span key="why" className="min-w-0 break-words">
        {detail}
      </span>,
      batchName(batch),
      <Value key="from" value={fromVersion} format={(text) => text} reason="it was not asked yet" />,
      at === null ? <span key="at" /> : <Age key="at" at={at} serverTime={serverTime} />,
    ],
  };
}

function tallyOf(rollout: Rollout): string {
  const counts = new Map<RolloutHostState, number>();
  for (const { state } of rollout.hosts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...order]
    .reverse()
    .flatMap((state) => (counts.has(state) ? [`${counts.get(state)} ${stateWords[state]}`] : []))
    .join(', ');
}

interface RolloutPanelProps {
  readonly rollout: Rollout;
  readonly serverTime: string;
  readonly done: () => void;
  /** Older ones show their sum only. */
  readonly isFolded?: boolean;
}

/** One upgrade of agents: how far it is, and each host's place in it. */
export function RolloutPanel({ rollout, serverTime, done, isFolded = false }: RolloutPanelProps) {
  const sorted = [...rollout.hosts].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.batch - b.batch,
  );
  const finished = rollout.hosts.filter(({ state }) => state === 'done').length;
  return (
    <Panel
      title={`Upgrade to ${rollout.version}: ${
        rollout.state === 'done' && finished === 0
          ? 'over, no host was upgraded'
          : rolloutWords[rollout.state]
      }`}
      aside={
        rollout.state === 'running' ? (
          <Confirm
            label="Stop"
            title={`Stop the upgrade to ${rollout.version}?`}
            action="Stop"
            work={() => sendChange('POST', `/api/v1/agent-rollouts/${rollout.id}/stop`)}
            done={done}
          >
            No further host is asked. Those on their way finish, or go back, by themselves.
          </Confirm>
        ) : (
          <Age at={rollout.endedAt} serverTime={serverTime} />
        )
      }
    >
      <div className="grid gap-2 px-4 py-2">
        <p role="status">
          {finished} of {plural(rollout.hosts.length, 'host')} done
          <span className="text-muted">
            {' '}
            ({tallyOf(rollout)}); asked for by {rollout.createdBy},{' '}
            <Age at={rollout.createdAt} serverTime={serverTime} />
          </span>
        </p>
        <div
          role="progressbar"
          aria-label="Hosts that are done"
          aria-valuenow={finished}
          aria-valuemin={0}
          aria-valuemax={rollout.hosts.length}
          className="h-1.5 overflow-hidden rounded-full bg-raised"
        >
          <div
            className="h-full bg-accent"
            style={{ width: `${(100 * finished) / Math.max(1, rollout.hosts.length)}%` }}
          />
        </div>
        {rollout.why === null ? null : (
          <p className={rollout.state === 'failed' ? 'text-crit' : 'text-muted'}>{rollout.why}</p>
        )}
      </div>
      {isFolded ? null : (
        <>
          <SimpleTable
            caption={`Hosts of the upgrade to ${rollout.version}`}
            columns={columns}
            rows={sorted.slice(0, mostRows).map((host) => rowOf(host, serverTime))}
          />
          {sorted.length > mostRows ? (
            <p className="px-4 py-2 text-muted">
              The first {mostRows} of {sorted.length}, what needs a look first.
            </p>
          ) : null}
        </>
      )}
    </Panel>
  );
}
