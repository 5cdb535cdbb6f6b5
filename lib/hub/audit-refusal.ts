import type { SessionBeginning } from '../state/state-store.ts';
import type { HubContext } from './context.ts';
import { networkOf } from './rate-limit.ts';

export interface RefusedSignIn {
  /** Of the user or the person outside; null: nobody has that name, and it may be a password, so it is not written. */
  readonly name: string | null;
  readonly how: SessionBeginning;
  readonly peer: string;
}

/** Writes a refused sign-in into the audit log: a few of them, so that a flood does not fill it. */
export async function auditRefusal(context: HubContext, { name, how, peer }: RefusedSignIn): Promise<void> {
  try {
    context.limits.auditedFailures.take(networkOf(peer), context.now());
    context.limits.auditedFailuresInAll.take('everyone', context.now());
  } catch {
    return;
  }
  await context.state.appendAudit({
    at: new Date(context.now()).toISOString(),
    actor: 'stranger',
    action: 'session.refuse',
    subject: name ?? 'unknown name',
    before: null,
    after: `${how} from ${peer}`,
  });
}
