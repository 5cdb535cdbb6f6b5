import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';
import { type BaselineChange, baselineWords, requireOwnBaseline } from './set-baseline.ts';

/**
 * Forgets the accepted and the inferred baseline; what the group then agrees on may be inferred anew. Throws
 * `not-found` where there is none and `conflict` for what the fleet file declares.
 */
export async function clearBaseline(
  actor: Actor,
  context: HubContext,
  which: Pick<BaselineChange, 'group' | 'facet'>,
): Promise<void> {
  requireRole(actor, 'operator');
  requireOwnBaseline(context, which);
  const { group, facet } = which;
  const before = context.drift.baselines.effective(group, facet);
  if (before === null) throw new HubError('not-found', `There is no baseline for ${facet} of ${group}.`);
  await context.drift.clearBaseline(group, facet);
  await audit(
    actor,
    { state: context.state, nowMillis: context.now() },
    {
      action: 'baseline.clear',
      subject: `${facet} of ${group}`,
      before: baselineWords(before),
      after: baselineWords(context.drift.baselines.effective(group, facet)),
    },
  );
}
