import { mostHostLabels } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { auditRecord } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

type Labels = Readonly<Record<string, string>>;

/** Keys and values are checked by the caller's schema. */
export interface LabelEdit {
  readonly hosts: readonly string[];
  readonly set: Labels;
  readonly remove: readonly string[];
}

export interface LabelEditAnswer {
  /** Hosts whose labels are others than before. */
  readonly changed: number;
}

/** One edit at a time, so that two that come together both count. */
const queues = new WeakMap<HubContext, Promise<unknown>>();

function inTurn<T>(context: HubContext, work: () => Promise<T>): Promise<T> {
  const before = queues.get(context) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(work);
  queues.set(context, turn);
  return turn;
}

const words = (labels: Labels): string | null => {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return all.length === 0 ? null : all.sort().join(', ');
};

const isSame = (a: Labels, b: Labels): boolean => words(a) === words(b);

interface Wanted {
  readonly id: string;
  readonly hostname: string;
  readonly before: Labels;
  readonly after: Labels;
}

function wantedOf(context: HubContext, id: string, change: (labels: Labels) => Labels): Wanted {
  const sets = context.fleet.labelSets(id);
  const hostname = context.fleet.summary(id)?.hostname;
  if (sets === null || hostname === undefined) throw new HubError('not-found', `There is no host ${id}.`);
  const { hubLabels: before, fileLabels } = sets;
  const after = change(before);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const declared = keys.find((key) => Object.hasOwn(fileLabels, key) && before[key] !== after[key]);
  if (declared !== undefined) {
    const { path } = context.fleetFile.current();
    const detail = `The fleet file sets ${declared} of ${hostname}: change it in ${path ?? 'the fleet file'}. Nothing was changed.`;
    throw new HubError('conflict', detail, { errors: [{ pointer: `/set/${declared}`, detail }] });
  }
  if (Object.keys(after).length > mostHostLabels)
    throw new HubError('unprocessable', `${hostname} would have more than ${mostHostLabels} labels.`);
  return { id, hostname, before, after };
}

async function change(
  actor: Actor,
  context: HubContext,
  ids: readonly string[],
  edit: (labels: Labels) => Labels,
): Promise<LabelEditAnswer> {
  const wanted = [...new Set(ids)].map((id) => wantedOf(context, id, edit));
  const changes = wanted.filter(({ before, after }) => !isSame(before, after));
  const now = context.now();
  await context.state.changeHubLabels(
    changes.map(({ id, hostname, before, after }) => ({
      hostId: id,
      hubLabels: after,
      audit: auditRecord(actor, now, {
        action: 'host.label',
        subject: `${hostname} (${id})`,
        before: words(before),
        after: words(after),
      }),
    })),
  );
  for (const { id, after } of changes) context.fleet.setHubLabels(id, after, context.now());
  return { changed: changes.length };
}

/**
 * Sets and removes labels that the hub itself gives to hosts: of all of them or, where one is refused, of none.
 * Throws `not-found`, `conflict` for a key that the fleet file sets, `unprocessable` for too many.
 */
export async function editLabels(
  actor: Actor,
  context: HubContext,
  edit: LabelEdit,
): Promise<LabelEditAnswer> {
  requireRole(actor, 'admin');
  const removed = new Set(edit.remove);
  return inTurn(context, () =>
    change(actor, context, edit.hosts, (labels) => ({
      ...Object.fromEntries(Object.entries(labels).filter(([key]) => !removed.has(key))),
      ...edit.set,
    })),
  );
}

/** Makes these the labels that the hub itself gives to one host; throws as `editLabels` does. */
export async function putLabels(
  actor: Actor,
  context: HubContext,
  { id, labels }: { readonly id: string; readonly labels: Labels },
): Promise<LabelEditAnswer> {
  requireRole(actor, 'admin');
  return inTurn(context, () => change(actor, context, [id], () => labels));
}
