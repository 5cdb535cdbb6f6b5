import type { OwnerRecord } from '../../history/history-store.ts';
import type { OwnerDetail, OwnerPast, PersonSource } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

function pastOf(context: HubContext, { hostId, key, owner, gpus }: OwnerRecord): OwnerPast {
  const summary = context.fleet.summary(hostId);
  const person =
    owner === null
      ? null
      : {
          name: owner.person,
          from: (owner.personFrom ?? 'unknown') as PersonSource,
          isInferred: owner.isInferred,
        };
  return {
    hostId,
    hostname: owner?.hostname ?? summary?.hostname ?? hostId,
    group: owner?.group ?? summary?.group ?? '',
    key,
    runtime: owner?.runtime ?? 'unknown',
    name: owner?.name ?? null,
    image: owner?.image ?? null,
    cudaVersion: owner?.cudaVersion ?? null,
    namespace: owner?.namespace ?? null,
    pod: owner?.pod ?? null,
    person,
    startedAt: owner?.startedAt ?? null,
    gpus: gpus.map(({ gpuUuid, fromSeconds, toSeconds }) => ({
      gpuUuid,
      from: iso(fromSeconds),
      to: iso(Math.min(toSeconds, context.now() / 1000)),
    })),
  };
}

/** One owner of one host, there now or ended, for as long as any of its history is kept. Throws `not-found`. */
export async function getOwner(
  actor: Actor,
  context: HubContext,
  { hostId, key }: { readonly hostId: string; readonly key: string },
): Promise<OwnerDetail> {
  requireRole(actor, 'viewer');
  const detail = context.fleet.detail(hostId, context.now());
  const isKey = (id: string): boolean =>
    id === key || (key.length >= 12 && /^[0-9a-f]+$/.test(key) && id.startsWith(key));
  const container = detail?.containers.find(({ id }) => isKey(id)) ?? null;
  const owner = detail?.owners.find((each) => each.key === key) ?? null;
  const record = await context.history.findOwner(hostId, container?.id ?? key);
  if (container === null && owner === null && record === null)
    throw new HubError(
      'not-found',
      'No container or owner of that name uses a GPU there, or did as far as is kept.',
    );
  return {
    serverTime: iso(context.now() / 1000),
    container,
    owner,
    past: record === null ? null : pastOf(context, record),
  };
}
