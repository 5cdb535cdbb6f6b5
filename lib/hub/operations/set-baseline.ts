import { type Baseline, type FacetName, facetShapes, readExpectation } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

export interface BaselineChange {
  readonly group: string;
  readonly facet: FacetName;
  /** Null: the inferred one as it stands. */
  readonly value: string | null;
}

export const baselineWords = (baseline: Baseline | null): string | null =>
  baseline === null ? null : `${baseline.value} (${baseline.kind})`;

/** Throws `not-found` for a group that has neither hosts nor baselines, and `conflict` for what the fleet file declares. */
export function requireOwnBaseline(
  { drift }: HubContext,
  { group, facet }: Pick<BaselineChange, 'group' | 'facet'>,
): void {
  if (!drift.matrix().some((each) => each.group === group))
    throw new HubError('not-found', `There is no group ${group}.`);
  const declared = drift.baselines.get(group, facet, 'declared');
  if (declared !== null)
    throw new HubError(
      'conflict',
      `The fleet file declares ${facet} ${declared.value} for ${group}, which wins over all others: change it there.`,
    );
}

function acceptedValue({ drift }: HubContext, { group, facet, value }: BaselineChange): string {
  if (value !== null) {
    const read = readExpectation(value);
    const { title, compares } = facetShapes[facet];
    if (read.ok && read.expectation.kind === 'range' && compares === 'text') {
      const detail = `${title} has no newer and older: give the value, or several with |.`;
      throw new HubError('invalid', detail, { errors: [{ pointer: '/value', detail }] });
    }
    return value;
  }
  const inferred = drift.baselines.get(group, facet, 'inferred');
  if (inferred !== null) return inferred.value;
  throw new HubError('conflict', `Nothing is inferred for ${facet} of ${group}: name the version to accept.`);
}

/**
 * From now on hosts of the group should say this of the facet; what differs may page. Throws `not-found` and
 * `conflict`.
 */
export async function setBaseline(
  actor: Actor,
  context: HubContext,
  change: BaselineChange,
): Promise<Baseline> {
  requireRole(actor, 'operator');
  requireOwnBaseline(context, change);
  const { group, facet } = change;
  const nowMillis = context.now();
  const before = context.drift.baselines.effective(group, facet);
  const value = acceptedValue(context, change);
  if (before?.kind === 'accepted' && before.value === value) return before;
  const since = new Date(nowMillis).toISOString();
  const baseline: Baseline = { group, facet, value, kind: 'accepted', since, by: actorName(actor) };
  await context.drift.setBaseline(baseline);
  await audit(
    actor,
    { state: context.state, nowMillis },
    {
      action: 'baseline.accept',
      subject: `${facet} of ${group}`,
      before: baselineWords(before),
      after: baselineWords(baseline),
    },
  );
  return baseline;
}
