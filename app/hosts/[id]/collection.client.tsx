'use client';
import clsx from 'clsx';
import type { AccessLevel, HostDetail, SourceStatus } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { FactGroups } from '../../components/facts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { Value } from '../../components/value.tsx';
import { formatBytes, formatCount, formatDuration, formatSmallDuration } from '../../format/index.ts';
import { accessWords, nextAccess } from '../access-words.ts';
import { CaptureButton } from './capture-button.client.tsx';
import { PciBus } from './pci-bus.client.tsx';

const tones: Readonly<Record<SourceStatus['state'], string>> = {
  ok: 'text-muted',
  absent: 'text-muted',
  paused: 'text-warn',
  failed: 'text-crit font-medium',
  hung: 'text-crit font-medium',
};

const sourceColumns = [
  { header: 'Source', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'As run', card: 'labelled' },
  { header: 'Took', align: 'right' },
  { header: 'Last success' },
  { header: 'Runs', align: 'right' },
  { header: 'Failures', align: 'right', card: 'labelled' },
] as const;

function Sources({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  return (
    <SimpleTable
      caption="Where the readings come from"
      columns={sourceColumns}
      rows={host.sources.map((source) => ({
        key: source.source,
        cells: [
          <span key="source" className="whitespace-nowrap">
            {source.source}
          </span>,
          <span key="state" className={tones[source.state]}>
            {source.state}
          </span>,
          <span key="command" className="min-w-0">
            <code className="break-all font-mono text-[13px]">{source.command}</code>
            {source.failure === null ? null : (
              <span className={clsx('block break-words text-xs', tones[source.state])}>
                {source.failure.code}: {source.failure.message}
              </span>
            )}
          </span>,
          <Value
            key="took"
            value={source.durationSeconds}
            format={formatSmallDuration}
            reason="it has not ended once"
          />,
          <Age key="last" at={source.lastSuccessAt} serverTime={serverTime} />,
          formatCount(source.runs),
          formatCount(source.failures),
        ],
      }))}
    />
  );
}

function Problems({ host }: { host: HostDetail }) {
  if (host.problems.length === 0) return null;
  const { stack } = host;
  const driver = stack?.kernelDriverVersion ?? stack?.driverVersion;
  return (
    <section className="border-t border-line">
      <h3 className="px-4 pt-3 font-medium">Text that was not understood</h3>
      <p className="max-w-prose px-4 pt-1 text-muted">
        As printed{driver === undefined || driver === null ? '' : ` by driver ${driver}`} on {host.hostname}.
        Such a value is shown as a dash and never guessed; the others are not touched by it.
      </p>
      <SimpleTable
        caption="Problems of the last report"
        columns={[
          { header: 'Field', card: 'title' },
          { header: 'As printed', card: 'labelled' },
          { header: 'Problem', card: 'labelled' },
        ]}
        rows={host.problems.map((problem, index) => ({
          key: `${index} ${problem.field}`,
          cells: [
            <code key="field" className="break-all font-mono text-[13px]">
              {problem.field}
            </code>,
            <code key="text" className="break-all font-mono text-[13px]">
              {problem.text}
            </code>,
            problem.message,
          ],
        }))}
      />
    </section>
  );
}

/** What its agent did by itself: why a curve has a gap, and what was restarted. */
function Notes({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  if (host.notes.length === 0) return null;
  return (
    <section className="border-t border-line" data-testid="collection-notes">
      <h3 className="px-4 pt-3 font-medium">What the agent did by itself</h3>
      <SimpleTable
        caption="Notes of the agent, the newest first"
        columns={[
          { header: 'When', card: 'title' },
          { header: 'What', card: 'labelled' },
        ]}
        rows={[...host.notes].reverse().map(({ at, text }, index) => ({
          key: `${index} ${at}`,
          cells: [<Age key="at" at={at} serverTime={serverTime} />, text],
        }))}
      />
    </section>
  );
}

const accessName = (level: AccessLevel): string =>
  accessWords.find((words) => words.level === level)?.name ?? level;

/** What the next level of access would tell, and how it is given. */
function NextAccess({ level }: { level: AccessLevel | null | undefined }) {
  const next = nextAccess(level);
  if (next === null) return null;
  return (
    <section className="border-t border-line px-4 py-3">
      <h3 className="font-medium">What the next level of access would tell</h3>
      <p className="max-w-prose text-muted">{next.reads}</p>
      <p className="max-w-prose text-muted">{next.costs}</p>
      <p className="text-muted">
        On the host, the install command with{' '}
        <code className="font-mono text-[13px]">--access {next.level}</code>.
      </p>
    </section>
  );
}

interface CollectionProps {
  readonly host: HostDetail;
  readonly serverTime: string;
  readonly mayCapture: boolean;
}

/** How this host is read: what ran, how long it took, and what was not understood. */
export function Collection({ host, serverTime, mayCapture }: CollectionProps) {
  const { agent } = host;
  const told = 'no report has come';
  const groups = [
    {
      title: 'Agent',
      facts: [
        ['Version', <Value key="v" value={agent?.version} format={(text) => text} reason={told} />],
        ['Started', <Age key="s" at={agent?.startedAt ?? null} serverTime={serverTime} />],
        ['Reports every', formatDuration(host.intervalSeconds)],
        [
          'Access',
          <Value
            key="a"
            value={agent?.code?.access}
            format={accessName}
            reason={agent === null ? told : 'it was not installed by the hub’s script'}
          />,
        ],
        [
          'Upgrades from the hub',
          <Value
            key="u"
            value={agent?.code?.canUpgrade}
            format={(can) => (can ? 'taken' : 'not taken')}
            reason={agent === null ? told : 'its agent is older than that'}
          />,
        ],
      ],
    },
    {
      title: 'Spool on the host',
      facts: [
        [
          'Waiting reports',
          <Value key="w" value={agent?.spooledReports} format={formatCount} reason={told} />,
        ],
        ['Waiting bytes', <Value key="b" value={agent?.spooledBytes} format={formatBytes} reason={told} />],
        [
          'Dropped reports',
          <Value key="d" value={agent?.droppedReports} format={formatCount} reason={told} />,
        ],
      ],
    },
    {
      title: 'Clock',
      facts: [
        [
          'Host minus hub',
          <Value
            key="o"
            value={host.clockOffsetSeconds}
            format={(seconds) => `${seconds < 0 ? '−' : '+'}${formatSmallDuration(Math.abs(seconds))}`}
            reason={told}
          />,
        ],
        [
          'Host id',
          <code key="id" className="break-all font-mono text-[13px]">
            {host.id}
          </code>,
        ],
      ],
    },
  ] as const;
  return (
    <>
      <Sources host={host} serverTime={serverTime} />
      <Problems host={host} />
      {mayCapture ? (
        <section className="border-t border-line">
          <h3 className="px-4 pt-3 font-medium">Capture for a bug report</h3>
          <CaptureButton hostId={host.id} />
        </section>
      ) : null}
      <PciBus host={host} />
      <Notes host={host} serverTime={serverTime} />
      <div className="border-t border-line">
        <FactGroups groups={groups} />
      </div>
      <NextAccess level={agent?.code?.access} />
    </>
  );
}
