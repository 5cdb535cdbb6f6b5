import type { PeopleAt } from '../../people.ts';
import type { RestCall } from '../route.ts';

export const storeOf = ({ context }: RestCall): PeopleAt => ({
  state: context.state,
  nowMillis: context.now(),
});

/** Runs a change of who may read, and lets it count in open streams at once. */
export async function changing({ context }: RestCall, work: () => Promise<void>): Promise<void> {
  await work();
  context.stream.recheckViewers();
}
