import { randomBytes } from 'node:crypto';
import type { HostSummary, Rollout } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError, refusedField } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { newRollout } from '../upgrades/plan.ts';
import { loadSigningKey } from '../upgrades/signing-key.ts';

export interface NewRollout {
  /** Ids of hosts; null: every host. */
  readonly hosts: readonly string[] | null;
  /** So many are upgraded before all others. */
  readonly firstHosts: number;
  readonly batchSize: number;
  /** A report must be accepted within so long. */
  readonly trialSeconds: number;
}

/** Those that report come first, so that the first batch is one that can tell how it went. */
function chosen(context: HubContext, ids: readonly string[] | null): HostSummary[] {
  const all = context.fleet.summaries();
  const unknown = ids?.find((id) => !all.some((host) => host.id === id));
  if (unknown !== undefined) throw refusedField('/hosts', `There is no host ${unknown}.`);
  const wanted = ids === null ? [...all] : all.filter(({ id }) => ids.includes(id));
  if (wanted.length === 0) throw refusedField('/hosts', 'There is no host to upgrade.');
  return wanted.sort(
    (a, b) =>
      Number(a.state === 'gone') - Number(b.state === 'gone') ||
      a.hostname.localeCompare(b.hostname, 'en', { numeric: true }),
  );
}

/** Offers are numbered by time, so that those of a hub restored from a backup still rise. */
async function nextSerial({ state, now }: HubContext): Promise<number> {
  const [last] = await state.listRollouts(1);
  return Math.max(now(), (last?.serial ?? 0) + 1);
}

/**
 * Upgrades agents to the one that this hub has: signs it, and offers it to the first hosts, then to batch after batch.
 * Throws `conflict` while another runs, `unprocessable`, and `unavailable` without a built agent.
 */
export async function startRollout(actor: Actor, context: HubContext, wanted: NewRollout): Promise<Rollout> {
  requireRole(actor, 'admin');
  const running = context.rollouts.current;
  if (running !== null)
    throw new HubError(
      'conflict',
      running.state === 'running'
        ? `The upgrade to ${running.version} is under way: wait for it or stop it.`
        : `Hosts of the upgrade to ${running.version} are still on their way: wait for them.`,
    );
  const hosts = chosen(context, wanted.hosts);
  const { version, sha256, sizeBytes } = await context.agents.requireOffered();
  const signed = { serial: await nextSerial(context), version, sha256, sizeBytes };
  const key = await loadSigningKey(context.state);
  await context.agents.keep({ version, sha256, sizeBytes });
  const rollout = newRollout({
    ...signed,
    id: randomBytes(6).toString('hex'),
    signature: key.sign(signed),
    trialSeconds: wanted.trialSeconds,
    firstHosts: wanted.firstHosts,
    batchSize: wanted.batchSize,
    createdAt: new Date(context.now()).toISOString(),
    createdBy: actorName(actor),
    hosts,
  });
  // Another request may have begun one while this one signed.
  if (context.rollouts.current !== null) throw new HubError('conflict', 'Another upgrade has just begun.');
  await context.rollouts.begin(rollout);
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    {
      action: 'agents.upgrade',
      subject: rollout.id,
      before: null,
      after: `version ${version} (sha256 ${sha256.slice(0, 12)}…) on ${hosts.length} hosts, first ${wanted.firstHosts}, then ${wanted.batchSize} at a time`,
    },
  );
  return rollout;
}

/** No further host is offered it; those on their way finish by themselves. Throws `not-found`. */
export async function stopRollout(actor: Actor, context: HubContext, id: string): Promise<Rollout> {
  requireRole(actor, 'admin');
  const stopped = await context.rollouts.stop(id, `stopped by ${actorName(actor)}`);
  if (stopped === null) throw new HubError('not-found', `No upgrade ${id} is under way.`);
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    {
      action: 'agents.stop-upgrade',
      subject: id,
      before: 'running',
      after: 'stopped',
    },
  );
  return stopped;
}
