import { sessionCookie } from '../operations/identify.ts';
import { signOut } from '../operations/sign-out.ts';
import { actorOf, type Call, headerOf, isSecure } from './call.ts';

/** The longest that browsers keep a cookie; the session itself ends by the hub's clock, and slides while it is used. */
const cookieSeconds = 400 * 86_400;

function setCookie(call: Call, value: string, maxAgeSeconds: number): void {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${maxAgeSeconds}`];
  if (isSecure(call)) attributes.push('Secure');
  call.response.appendHeader('set-cookie', `${sessionCookie}=${value}; ${attributes.join('; ')}`);
}

/** Hands the browser its session, and ends the one that it had; the answer is still to be sent. */
export async function giveSession(call: Call, secret: string): Promise<void> {
  setCookie(call, secret, cookieSeconds);
  const before = await actorOf(call);
  if (before.kind === 'user') await signOut(before, call.context, (name) => headerOf(call.request, name));
}

/** Takes it away again. */
export const takeSession = (call: Call): void => setCookie(call, '', 0);
