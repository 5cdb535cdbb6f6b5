'use client';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import type { SshHostsView, SshHostView, SshInstallsView } from '../../../lib/model/index.ts';
import { useFresh } from '../../alerts/use-alerts.client.ts';
import { Age } from '../../components/age.client.tsx';
import { Empty, PageTitle, Panel } from '../../components/page-parts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { pushInUrl } from '../../components/url-state.client.ts';
import { plural } from '../../format/index.ts';
import { AddMany } from './add-many.client.tsx';
import { AddOne } from './add-one.client.tsx';
import { HubKeys } from './hub-keys.client.tsx';
import { SshHostSheet } from './ssh-host.client.tsx';
import { SshStateBadge } from './ssh-state.tsx';
import { conditionWord, placeOf } from './ssh-words.ts';

const hostsPath = '/api/v1/ssh-hosts';
const installsPath = '/api/v1/ssh-installs';
const refreshMillis = 2000;

const columns = [
  { header: 'Host', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'Condition', card: 'labelled' },
  { header: 'Key', card: 'labelled' },
  { header: 'Last read', card: 'labelled' },
] as const;

const open = (id: string | null) => pushInUrl({ ssh: id });

function HostTable({ hosts, serverTime }: { hosts: readonly SshHostView[]; serverTime: string }) {
  if (hosts.length === 0)
    return (
      <Empty title="No host is read over SSH">
        Where no agent may run, the hub logs in and reads the same. Hosts with an agent are under{' '}
        <Link href="/hosts" className="text-accent underline">
          Hosts
        </Link>
        .
      </Empty>
    );
  const rows = hosts.map((host) => ({
    key: host.id,
    cells: [
      <button
        key="host"
        type="button"
        onClick={() => open(host.id)}
        className="break-all text-left text-accent underline"
      >
        {placeOf(host)}
      </button>,
      <SshStateBadge key="state" state={host.state} />,
      host.condition === null ? '—' : conditionWord(host.condition.code),
      host.keyName,
      <Age key="read" at={host.lastReadAt} serverTime={serverTime} />,
    ],
  }));
  return <SimpleTable caption="SSH hosts" columns={columns} rows={rows} />;
}

interface SshViewProps {
  readonly first: SshHostsView;
  readonly firstInstalls: SshInstallsView;
  readonly serverTime: string;
  readonly mayTest: boolean;
  readonly mayEdit: boolean;
}

/** Hosts that the hub reads over SSH: how each stands, and adding them. */
export function SshView({ first, firstInstalls, serverTime, mayTest, mayEdit }: SshViewProps) {
  const [turn, setTurn] = useState(0);
  const opened = useSearchParams().get('ssh');
  const hosts = useFresh(hostsPath, turn, { path: hostsPath, revision: 0, value: first });
  const installs = useFresh(installsPath, turn, { path: installsPath, revision: 0, value: firstInstalls });
  useEffect(() => {
    const timer = setInterval(() => setTurn((now) => now + 1), refreshMillis);
    return () => clearInterval(timer);
  }, []);
  const { items, keys } = hosts.value;
  const host = items.find(({ id }) => id === opened);
  const done = () => setTurn((now) => now + 1);
  return (
    <>
      <PageTitle aside="read by this hub, without an agent">SSH hosts</PageTitle>
      {hosts.problem === null ? null : (
        <p role="status" className="text-warn">
          This may be old: {hosts.problem}.
        </p>
      )}
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[1fr_28rem]">
        <Panel title={plural(items.length, 'host')} className="min-w-0">
          <HostTable hosts={items} serverTime={serverTime} />
        </Panel>
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <HubKeys keys={keys} mayEdit={mayEdit} done={done} />
          {mayEdit && keys.length > 0 ? (
            <>
              <Panel title="Add a host">
                <AddOne
                  keys={keys}
                  added={({ id }) => {
                    done();
                    open(id);
                  }}
                />
              </Panel>
              <Panel title="Add many">
                <AddMany keys={keys} done={done} />
              </Panel>
            </>
          ) : null}
        </div>
      </div>
      {host === undefined ? null : (
        <SshHostSheet
          host={host}
          install={installs.value.items.find(({ sshHostId }) => sshHostId === host.id) ?? null}
          keys={keys}
          serverTime={serverTime}
          mayTest={mayTest}
          mayEdit={mayEdit}
          done={done}
          onClose={() => open(null)}
        />
      )}
    </>
  );
}
