'use client';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { AgentsView, AgentView } from '../../lib/model/index.ts';
import { useFresh } from '../alerts/use-alerts.client.ts';
import { FilterBox } from '../components/choice.client.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { useUrlText } from '../components/url-state.client.ts';
import { Value } from '../components/value.tsx';
import { formatBytes, plural } from '../format/index.ts';
import { accessWords } from '../hosts/access-words.ts';
import { AgentsExport } from './agents-export.client.tsx';
import { NewRolloutPanel } from './new-rollout.client.tsx';
import { RolloutPanel } from './rollout.client.tsx';

const path = '/api/v1/agents';
const refreshMillis = 2000;
const mostRows = 200;

const columns = [
  { header: 'Host', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'Group', card: 'labelled' },
  { header: 'Version', card: 'labelled' },
  { header: 'Access', card: 'labelled' },
  { header: 'Upgrades', card: 'labelled' },
] as const;

function upgradeWords({ version, sha256, canUpgrade, isCurrent, isSimulated }: AgentView): string {
  if (version === null) return 'it has never reported';
  if (isSimulated) return 'simulated agents cannot be upgraded';
  if (isCurrent) return 'runs this hub’s agent';
  if (canUpgrade) return 'can be upgraded from here';
  return sha256 === null
    ? 'not from here: it was not installed by the hub’s script, or is older than upgrades'
    : 'not from here';
}

const matches = (agent: AgentView, words: string): boolean =>
  [agent.hostname, agent.group, agent.version ?? ''].some((text) =>
    text.toLowerCase().includes(words.toLowerCase()),
  );

function AgentTable({ agents }: { agents: readonly AgentView[] }) {
  const [words, setWords] = useUrlText('agent');
  if (agents.length === 0)
    return <Empty title="No host has been added">The page Add host has the command that adds one.</Empty>;
  const shown = agents.filter((agent) => matches(agent, words));
  const rows = shown.slice(0, mostRows).map((agent) => ({
    key: agent.hostId,
    cells: [
      <Link
        key="host"
        href={`/hosts/${agent.hostId}?tab=collection`}
        className="whitespace-nowrap text-accent"
      >
        {agent.hostname}
      </Link>,
      <span key="state" className={agent.isReporting ? undefined : 'text-warn'}>
        {agent.isReporting ? 'reports' : 'does not report'}
      </span>,
      agent.group,
      <Value key="version" value={agent.version} format={(text) => text} reason="it has never reported" />,
      <Value
        key="access"
        value={accessWords.find(({ level }) => level === agent.access)?.name}
        format={(text) => text}
        reason={agent.isSimulated ? 'it is simulated' : 'it was not installed by the hub’s script'}
      />,
      upgradeWords(agent),
    ],
  }));
  return (
    <>
      <div className="px-4 py-2">
        <FilterBox label="Filter by host, group or version" value={words} onChange={setWords} />
        {shown.length > mostRows ? (
          <p className="mt-1 text-muted">
            The first {mostRows} of {shown.length}; the filter finds the others.
          </p>
        ) : null}
      </div>
      <SimpleTable caption="Agents" columns={columns} rows={rows} />
    </>
  );
}

/** `version count` of what runs, the commonest first. */
function versionsOf(agents: readonly AgentView[]): string {
  const counts = new Map<string, number>();
  for (const { version } of agents) if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([version, count]) => `${version} on ${plural(count, 'host')}`)
    .join(', ');
}

/** What agent runs where, and how hosts get another. */
export function AgentsTab({ first, serverTime }: { first: AgentsView; serverTime: string }) {
  const [turn, setTurn] = useState(0);
  const { value, problem, refresh } = useFresh(path, turn, { path, revision: 0, value: first });
  const [latest] = value.rollouts;
  const isRunning =
    latest?.state === 'running' ||
    latest?.hosts.some(({ state }) => state === 'trial' || state === 'fetching');
  useEffect(() => {
    if (isRunning !== true) return;
    const timer = setInterval(() => setTurn((now) => now + 1), refreshMillis);
    return () => clearInterval(timer);
  }, [isRunning]);
  const { offered, agents } = value;
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <div className="grid min-w-0 gap-4">
        {problem === null ? null : (
          <p role="status" className="text-warn">
            This may be old: {problem}.
          </p>
        )}
        {latest === undefined ? null : (
          <RolloutPanel rollout={latest} serverTime={serverTime} done={refresh} />
        )}
        <Panel title={plural(agents.length, 'agent')} aside={<AgentsExport agents={agents} />}>
          {agents.length === 0 ? null : (
            <p className="px-4 pt-2 text-muted">{versionsOf(agents) || 'None has reported.'}</p>
          )}
          <AgentTable agents={agents} />
        </Panel>
        {value.rollouts.slice(1).map((rollout) => (
          <RolloutPanel key={rollout.id} rollout={rollout} serverTime={serverTime} done={refresh} isFolded />
        ))}
      </div>
      <Panel title="This hub’s agent">
        <div className="grid gap-3 p-4">
          {offered === null ? (
            <p>None is built: run “npm run build” where the hub is installed.</p>
          ) : (
            <p>
              Version {offered.version}, {formatBytes(offered.sizeBytes)}, SHA-256{' '}
              <code className="break-all font-mono text-[13px]">{offered.sha256.slice(0, 16)}…</code>
            </p>
          )}
          {offered === null ? null : (
            <NewRolloutPanel
              agents={agents}
              version={offered.version}
              isBusy={isRunning === true}
              done={refresh}
            />
          )}
        </div>
      </Panel>
    </div>
  );
}
