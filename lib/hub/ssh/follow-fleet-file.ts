import type { HubContext } from '../context.ts';
import { forgetHost } from '../operations/remove-host.ts';

/** Reads the hosts that the fleet file names, from now on and after each change of it. */
export async function followFleetFile(context: HubContext): Promise<void> {
  const take = async (): Promise<void> => {
    for (const id of await context.ssh.setSite(context.fleetFile.current().ssh)) {
      const host = await context.state.getHost(id);
      if (host !== null && host.credentialHash === null) await forgetHost(context, id);
    }
  };
  await take();
  // One after the other: a file may change again while the last change is still being taken.
  let turn: Promise<void> = Promise.resolve();
  context.fleetFile.onChange(() => {
    turn = turn
      .then(take)
      .catch((error: unknown) => context.log(`ssh hosts of the fleet file: ${String(error)}`));
  });
}
