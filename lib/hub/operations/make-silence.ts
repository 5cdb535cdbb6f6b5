import { randomBytes } from 'node:crypto';
import { isMatcher } from '../../alerts/quiet.ts';
import { rules } from '../../alerts/rules/index.ts';
import { ownRulePrefix, type Silence, type SilenceKind } from '../../model/index.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import { HubError, refusedField } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

export const longestSilenceSeconds = 365 * 86_400;
const shortestSilenceSeconds = 1;

export interface NewSilence {
  readonly kind: SilenceKind;
  /** At least one; see Silence. */
  readonly hosts: readonly string[];
  readonly rule: string | null;
  /** Left out: none. */
  readonly matchers?: readonly string[];
  readonly reason: string | null;
  /** Null: now. */
  readonly startsAt: string | null;
  /** From its start. */
  readonly forSeconds: number;
}

function check({ kind, hosts, rule, matchers = [], forSeconds }: NewSilence): void {
  if (hosts.length === 0) throw refusedField('/hosts', 'Which hosts? Name at least one, or "*" for all.');
  if (kind === 'maintenance' && rule !== null)
    throw refusedField('/rule', 'Maintenance is of whole hosts; to keep one rule quiet, make a silence.');
  if (kind === 'maintenance' && matchers.length > 0)
    throw refusedField(
      '/matchers',
      'Maintenance is of whole hosts; to keep some alerts quiet, make a silence.',
    );
  const wrong = matchers.find((text) => !isMatcher(text));
  if (wrong !== undefined)
    throw refusedField(
      '/matchers',
      `"${wrong}" is no key=value or key!=value, such as gpu=3 or severity=warning.`,
    );
  // Rules of the fleet file are known to the running hub alone, and this works beside it.
  if (rule !== null && !rule.startsWith(ownRulePrefix) && !rules.some(({ name }) => name === rule))
    throw refusedField('/rule', `There is no rule "${rule}": ${rules.map(({ name }) => name).join(', ')}.`);
  if (forSeconds < shortestSilenceSeconds || forSeconds > longestSilenceSeconds)
    throw refusedField('/forSeconds', 'From a second to a year.');
}

const shown = ({ kind, hosts, rule, matchers, endsAt, reason }: Silence): string =>
  [kind, hosts.join(' '), rule ?? 'every rule', matchers.join(' '), `until ${endsAt}`, reason]
    .filter(Boolean)
    .join(', ');

/** Keeps alerts quiet for a time. Works beside a running hub, which sees it within seconds. Throws `unprocessable`. */
export async function makeSilence(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  wanted: NewSilence,
): Promise<Silence> {
  requireRole(actor, 'operator');
  check(wanted);
  const { state, nowMillis } = store;
  const createdAt = new Date(nowMillis).toISOString();
  const starts = wanted.startsAt === null ? nowMillis : Date.parse(wanted.startsAt);
  const silence: Silence = {
    id: randomBytes(6).toString('hex'),
    kind: wanted.kind,
    hosts: wanted.hosts,
    rule: wanted.rule,
    matchers: wanted.matchers ?? [],
    reason: wanted.reason,
    createdBy: actorName(actor),
    createdAt,
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(starts + wanted.forSeconds * 1000).toISOString(),
    endedAt: null,
    endedBy: null,
  };
  if (silence.endsAt <= createdAt) throw refusedField('/startsAt', 'It would be over already.');
  await state.putSilence(silence);
  await audit(actor, store, {
    action: `${silence.kind}.start`,
    subject: silence.id,
    before: null,
    after: shown(silence),
  });
  return silence;
}

/**
 * Ends one early, of that kind where it is told. Works beside a running hub. Throws `not-found`, and `conflict` when it
 * is over.
 */
export async function endSilence(
  actor: Actor,
  store: { readonly state: StateStore; readonly nowMillis: number },
  id: string,
  kind?: SilenceKind,
): Promise<void> {
  requireRole(actor, 'operator');
  const { state, nowMillis } = store;
  const silence = await state.getSilence(id);
  const word = kind ?? silence?.kind ?? 'silence';
  if (silence === null || silence.kind !== word)
    throw new HubError('not-found', `There is no ${word} ${id}.`);
  const endedAt = new Date(nowMillis).toISOString();
  if (silence.endedAt !== null || silence.endsAt <= endedAt)
    throw new HubError('conflict', `The ${word} ${id} is over already.`);
  await state.putSilence({ ...silence, endedAt, endedBy: actorName(actor) });
  await audit(actor, store, {
    action: `${silence.kind}.end`,
    subject: id,
    before: shown(silence),
    after: null,
  });
}
