'use client';
import Link from 'next/link';
import { Tabs } from 'radix-ui';
import type { ClaimsView } from '../../../lib/hub/operations/list-claims.ts';
import type { FieldOrigin, FormerName, HostDetail, SshHostView } from '../../../lib/model/index.ts';
import { Empty } from '../../components/page-parts.tsx';
import { useUrlChoice } from '../../components/url-state.client.ts';
import { ProvenanceProvider } from '../../provenance/provenance.client.tsx';
import { useHostDetail } from '../../stream/hooks.client.ts';
import { Notices } from '../notices.client.tsx';
import { useClaims } from '../use-claims.client.ts';
import { Collection } from './collection.client.tsx';
import { Doctor } from './doctor.client.tsx';
import { Faults } from './faults.client.tsx';
import { HostContainers } from './host-containers.client.tsx';
import { HostGpus } from './host-gpus.client.tsx';
import { HostHeader } from './host-header.client.tsx';
import { HostLabels } from './host-labels.client.tsx';
import { HostProcesses } from './host-processes.client.tsx';
import { HostTabExport } from './host-tab-export.client.tsx';
import { OverSsh } from './over-ssh.client.tsx';
import { RemoveHost } from './remove-host.client.tsx';
import { Stack } from './stack.client.tsx';
import { useFormerNames } from './use-former-names.client.ts';

interface HostViewProps {
  readonly initial: HostDetail;
  readonly origins: readonly FieldOrigin[];
  readonly serverTime: string;
  readonly claims: ClaimsView;
  readonly formerNames: readonly FormerName[];
  /** What of them is read over SSH: this host, or nothing. */
  /** Null: it is not read over SSH. */
  readonly ssh: SshHostView | null;
  /** Asking the agent for a capture needs an operator. */
  readonly mayCapture: boolean;
  /** Null for those who may not. */
  readonly removeHost: ((id: string) => Promise<void>) | null;
}

const tabNames = ['containers', 'processes', 'stack', 'faults', 'labels', 'collection'] as const;
const tabWords = {
  containers: 'Containers',
  processes: 'Processes',
  stack: 'Stack',
  faults: 'Faults',
  labels: 'Labels',
  collection: 'Collection',
} as const;

interface HostTabsProps {
  readonly host: HostDetail;
  readonly serverTime: string;
  readonly mayEdit: boolean;
  readonly mayCapture: boolean;
}

function HostTabs({ host, serverTime, mayEdit, mayCapture }: HostTabsProps) {
  const [tab, setTab] = useUrlChoice('tab', tabNames);
  // None while the GPUs do not answer is not known to be none.
  const known = (count: number): number | string => (count === 0 && !host.current ? '—' : count);
  const counts = {
    containers: known(host.containers.length + host.owners.length),
    processes: known(host.gpus.reduce((sum, gpu) => sum + gpu.processes.length, 0)),
    stack: null,
    faults: known(host.faults.filter(({ severity }) => severity !== 'info').length),
    labels: host.labels.length,
    collection: host.problems.length > 0 ? host.problems.length : null,
  } as const;
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => setTab(tabNames.find((name) => name === value) ?? 'containers')}
      id="more"
      className="mt-4 scroll-mt-14 rounded-lg border border-line bg-surface"
    >
      <div className="flex items-center border-b border-line px-2">
        <Tabs.List aria-label="More of this host" className="-mb-px flex min-w-0 flex-1 flex-wrap">
          {tabNames.map((name) => (
            <Tabs.Trigger
              key={name}
              value={name}
              className="whitespace-nowrap border-b-2 border-transparent px-2.5 py-2 text-muted -outline-offset-2 hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {tabWords[name]}
              {counts[name] === null ? null : <span className="text-muted"> {counts[name]}</span>}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <HostTabExport host={host} tab={tab} />
      </div>
      <Tabs.Content value="containers">
        <HostContainers host={host} serverTime={serverTime} />
      </Tabs.Content>
      <Tabs.Content value="processes">
        <HostProcesses host={host} />
      </Tabs.Content>
      <Tabs.Content value="stack">
        <Stack host={host} serverTime={serverTime} />
      </Tabs.Content>
      <Tabs.Content value="faults">
        <Faults host={host} serverTime={serverTime} />
      </Tabs.Content>
      <Tabs.Content value="labels">
        <HostLabels host={host} mayEdit={mayEdit} />
      </Tabs.Content>
      <Tabs.Content value="collection">
        <Collection host={host} serverTime={serverTime} mayCapture={mayCapture} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** What of all that waits for a person is about this host. */
const claimsOf = (view: ClaimsView, id: string): ClaimsView => ({
  claims: view.claims.filter((claim) => claim.hostId === id),
  reinstalled: view.reinstalled.filter(({ oldHost, newHost }) => oldHost.id === id || newHost.id === id),
  fleetFile: { path: null, loadedAt: null, fault: null },
});

/** The Host page, live. */
export function HostView(props: HostViewProps) {
  const { initial, origins, serverTime, removeHost } = props;
  const [view, refresh] = useClaims(props.claims);
  const host = useHostDetail(initial);
  const formerNames = useFormerNames(initial, host?.hostname ?? initial.hostname, props.formerNames);
  if (host === null)
    return (
      <Empty title={`${initial.hostname} was removed from this hub`}>
        <Link href="/hosts" className="text-accent underline">
          All hosts
        </Link>
      </Empty>
    );
  return (
    <ProvenanceProvider host={host} origins={origins} serverTime={serverTime}>
      <HostHeader host={host} serverTime={serverTime} formerNames={formerNames} />
      {props.ssh === null ? null : <OverSsh first={props.ssh} />}
      <Notices
        view={claimsOf(view, host.id)}
        hostnameOf={(id) => (id === host.id ? host.hostname : null)}
        serverTime={serverTime}
        mayDecide={removeHost !== null}
        done={refresh}
      />
      <Doctor host={host} serverTime={serverTime} />
      <HostGpus host={host} serverTime={serverTime} />
      <HostTabs
        host={host}
        serverTime={serverTime}
        mayEdit={removeHost !== null}
        mayCapture={props.mayCapture}
      />
      {removeHost === null ? null : (
        <RemoveHost hostname={host.hostname} state={host.state} remove={() => removeHost(host.id)} />
      )}
    </ProvenanceProvider>
  );
}
