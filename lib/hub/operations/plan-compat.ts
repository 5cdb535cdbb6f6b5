import { oldestDriver, type PlanHost, planUpgrade } from '../../cuda-compat/index.ts';
import type {
  CompatPlanRequest,
  CompatPlanView,
  PlannedContainer,
  PlannedContainerView,
} from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { CheckedHost } from '../compat/check.ts';
import { type AnyContainer, compatContainerOf, compatHostOf } from '../compat/facts.ts';
import { shortOf } from '../compat/judge.ts';
import type { HubContext } from '../context.ts';
import { requireRole } from '../require-role.ts';
import { selectedHosts } from './get-compat.ts';

/** What runs and what failed, each once. */
function containersOf({ report }: CheckedHost): readonly AnyContainer[] {
  const running = new Set(report.containers.map(({ id }) => id));
  return [...report.containers, ...(report.failedContainers ?? []).filter(({ id }) => !running.has(id))];
}

function planHost({ fleet }: HubContext, checked: CheckedHost): PlanHost {
  const { host, report } = checked;
  const facts = fleet.lastReport(host.id)?.software?.facts ?? {};
  return {
    id: host.id,
    host: compatHostOf(report),
    toolkitMode: facts['toolkitMode']?.value ?? null,
    fabricManagerVersion: facts['fabricManager']?.value ?? null,
    containers: containersOf(checked).map((each) => ({
      key: each.id,
      container: compatContainerOf(each),
      host: compatHostOf(report, each),
    })),
  };
}

/** Gives planned containers their names again. */
function namer(hosts: readonly CheckedHost[]): (planned: PlannedContainer) => PlannedContainerView {
  const byId = new Map(hosts.map((each) => [each.host.id, each]));
  return ({ hostId, key, before, after }) => {
    const checked = byId.get(hostId);
    const container = checked === undefined ? undefined : containersOf(checked).find(({ id }) => id === key);
    return {
      id: key,
      name: container?.name ?? null,
      image: container?.image ?? null,
      hostId,
      hostname: checked?.host.hostname ?? hostId,
      group: checked?.host.group ?? '',
      before: shortOf(before),
      after: shortOf(after),
    };
  };
}

/** What another driver or toolkit would do to a group of hosts, and the oldest driver that would do for all. */
export async function planCompat(
  actor: Actor,
  context: HubContext,
  { driver, toolkit, group, label }: CompatPlanRequest,
): Promise<CompatPlanView> {
  requireRole(actor, 'viewer');
  const selection = { ...(group === undefined ? {} : { group }), ...(label === undefined ? {} : { label }) };
  const checked = selectedHosts(context, selection).filter(({ host }) => host.state !== 'gone');
  const hosts = checked.map((each) => planHost(context, each));
  const options = {
    today: new Date(context.now()).toISOString().slice(0, 10),
    data: context.compat.tables(),
    judgeCase: context.compat.judge.verdict,
  };
  const plan = planUpgrade(hosts, { driver: driver ?? null, toolkit: toolkit ?? null }, options);
  const oldest = oldestDriver(hosts, options);
  const named = namer(checked);
  const hostnames = new Map(checked.map(({ host }) => [host.id, host.hostname]));
  return {
    ...plan,
    starts: plan.starts.map(named),
    stops: plan.stops.map(named),
    differs: plan.differs.map(named),
    notes: plan.notes.map((note) => ({
      ...note,
      hostnames: note.hostIds.map((id) => hostnames.get(id) ?? id),
    })),
    oldest: { ...oldest, blockers: oldest.blockers.map(named) },
  };
}
