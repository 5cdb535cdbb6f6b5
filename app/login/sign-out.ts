'use server';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { currentActor, hub } from '../hub.ts';

const sessionCookie = 'gpufleet_session';

/** Ends the session on the hub and in the browser. */
export async function signOut(): Promise<void> {
  const jar = await cookies();
  await hub().signOut(await currentActor(), jar.toString());
  jar.delete(sessionCookie);
  redirect('/login');
}
