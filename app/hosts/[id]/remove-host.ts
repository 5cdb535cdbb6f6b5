'use server';
import { redirect } from 'next/navigation';
import { hub, requireActor } from '../../hub.ts';

/** Forgets a host and its credential; its history stays. The hub refuses all but administrators. */
export async function removeHost(id: string): Promise<void> {
  await hub().removeHost(await requireActor(), id);
  redirect('/hosts');
}
