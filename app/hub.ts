import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import type { Actor } from '../lib/hub/actor.ts';
import type { Hub } from '../lib/hub/hub.ts';

/**
 * The one running hub. Next bundles its own copy of every module, so the server publishes it on globalThis.
 * @throws when the pages are served by anything but `gpufleet hub`.
 */
export function hub(): Hub {
  const published: unknown = Reflect.get(globalThis, Symbol.for('gpufleet.hub'));
  if (published === undefined)
    throw new Error(
      'No hub runs in this process: start the pages with `gpufleet hub`, not with `next start`.',
    );
  return published as Hub;
}

/**
 * Who asks for this page: the session's user, whom a proxy names, a token's holder, or a stranger. From the headers alone: in an action,
 * what cookies() gives is the answer's cookies, which have no size.
 */
export async function currentActor(): Promise<Actor> {
  const sent = await headers();
  return hub().identify((name) => sent.get(name));
}

/** Like currentActor, but sends strangers to the login page, and back afterwards. */
export async function requireActor(): Promise<Actor> {
  const actor = await currentActor();
  if (actor.kind === 'stranger') redirect('/login');
  return actor;
}

/** The code of a HubError, whichever copy of the class threw it; null for anything else. */
export function hubErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'HubError') return null;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : null;
}

/** Awaits an operation; turns its `not-found` into the not-found page and `unauthenticated` into the login page. */
export async function orNotFound<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const code = hubErrorCode(error);
    if (code === 'not-found') notFound();
    if (code === 'unauthenticated') redirect('/login');
    throw error;
  }
}
