import { Panel } from './components/page-parts.tsx';
import { FirstHost } from './fleet/first-host.client.tsx';
import { FirstNeeds } from './fleet/first-needs.client.tsx';
import { FleetView } from './fleet/fleet-view.client.tsx';
import { readAttention } from './fleet/read-attention.ts';
import { AddHost } from './hosts/add/add-host.tsx';
import { hub, requireActor } from './hub.ts';

export default async function FleetPage() {
  const actor = await requireActor();
  const fleet = await hub().getFleet(actor);
  if (fleet.hosts.length > 0) return <FleetView initial={fleet} readAttention={readAttention} />;
  return (
    <div className="mx-auto max-w-4xl pt-8">
      <h1 className="text-xl font-semibold tracking-tight">No host reports yet</h1>
      <p className="mb-5 mt-1 max-w-prose text-muted">
        A small agent on each GPU host reads nvidia-smi and sends what it sees to this hub. Start one, and the
        host appears here within seconds.
      </p>
      <FirstNeeds
        first={fleet.attention}
        firstAlerts={fleet.alerts}
        serverTime={fleet.serverTime}
        read={readAttention}
      />
      <Panel title="Add a host" aside={<FirstHost />}>
        <div className="p-4">
          <AddHost actor={actor} />
        </div>
      </Panel>
    </div>
  );
}
