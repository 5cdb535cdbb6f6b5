'use client';
import { useState } from 'react';
import type { AgentView } from '../../lib/model/index.ts';
import { Choice } from '../components/choice.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { Field } from '../components/form-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { plural } from '../format/index.ts';

const everyGroup = '';
const wholeNumber = (text: string, least: number): number =>
  Math.max(least, Math.floor(Number(text)) || least);

interface NewRolloutProps {
  readonly agents: readonly AgentView[];
  readonly version: string;
  readonly isBusy: boolean;
  readonly done: () => void;
}

/** Which hosts get this hub's agent, and how many at a time. */
export function NewRolloutPanel({ agents, version, isBusy, done }: NewRolloutProps) {
  const [group, setGroup] = useState(everyGroup);
  const [first, setFirst] = useState('1');
  const [batch, setBatch] = useState('10');
  const groups = [...new Set(agents.map((agent) => agent.group))].sort();
  const hosts = agents.filter(
    (agent) =>
      (group === everyGroup || agent.group === group) &&
      agent.isReporting &&
      agent.canUpgrade &&
      !agent.isCurrent,
  );
  const [firstHosts, batchSize] = [wholeNumber(first, 1), wholeNumber(batch, 1)];
  if (isBusy) return <p className="text-muted">Another upgrade can begin when this one is over.</p>;
  return (
    <div className="grid gap-3">
      <Choice
        label="Hosts of"
        value={group}
        choices={[[everyGroup, 'every group'] as const, ...groups.map((name) => [name, name] as const)]}
        onChange={setGroup}
      />
      <Field
        name="firstHosts"
        label="First hosts"
        type="number"
        min={1}
        max={1000}
        value={first}
        onChange={(event) => setFirst(event.target.value)}
        hint="Tried before all others. If one goes back to its old agent, no other is touched."
      />
      <Field
        name="batchSize"
        label="Then at a time"
        type="number"
        min={1}
        max={10_000}
        value={batch}
        onChange={(event) => setBatch(event.target.value)}
      />
      {hosts.length === 0 ? (
        <p className="text-muted">No host that reports runs another agent and takes upgrades from here.</p>
      ) : (
        <Confirm
          label={`Upgrade ${plural(hosts.length, 'host')}…`}
          title={`Upgrade ${plural(hosts.length, 'host')} to ${version}?`}
          action="Upgrade"
          look="plain"
          work={() =>
            sendChange('POST', '/api/v1/agent-rollouts', {
              hosts: hosts.map(({ hostId }) => hostId),
              firstHosts,
              batchSize,
            })
          }
          done={done}
        >
          First {plural(Math.min(firstHosts, hosts.length), 'host')}, then {batchSize} at a time. Each fetches
          the file, checks this hub’s signature, and starts again with it, which takes some seconds; a host
          whose report is not accepted within 2 minutes goes back to its old agent by itself, and the upgrade
          stops there.
        </Confirm>
      )}
    </div>
  );
}
