import type { HubError } from '../errors.ts';
import { acceptInvitation } from '../operations/accept-invitation.ts';
import { signInWithPassword } from '../operations/sign-in-with-password.ts';
import { ownPath } from '../own-path.ts';
import { toHubError } from '../problem.ts';
import { requireOwnPage } from '../same-origin.ts';
import { type Call, headerOf, peerOf, requireMethod } from './call.ts';
import { readForm } from './form.ts';
import { sendJson, sendText } from './respond.ts';
import { giveSession } from './session-cookie.ts';

const wantsJson = (call: Call): boolean =>
  (headerOf(call.request, 'accept') ?? '').includes('application/json');

/** The page's script goes there itself; a form without script is sent. */
function goOn(call: Call, location: string): void {
  if (wantsJson(call)) sendJson(call.response, 200, { location });
  else sendText(call.response, 303, '', { location });
}

/** Back to the page with the code of what was refused; its words are the page's. */
function goBack(call: Call, page: string, error: HubError, from: string): void {
  const query = new URLSearchParams({ refused: error.code, ...(from === '/' ? {} : { from }) });
  sendText(call.response, 303, '', { location: `${page}?${query}` });
}

const browserOf = (call: Call) => ({
  peer: peerOf(call),
  userAgent: headerOf(call.request, 'user-agent'),
});

/** POST /login: a name and a password. */
export async function handlePasswordLogin(call: Call): Promise<void> {
  requireMethod(call, 'POST');
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  const form = await readForm(call.request);
  const from = ownPath(form.get('from'));
  try {
    const { session } = await signInWithPassword(call.context, {
      name: form.get('name') ?? '',
      password: form.get('password') ?? '',
      ...browserOf(call),
    });
    await giveSession(call, session);
    goOn(call, from);
  } catch (thrown) {
    if (wantsJson(call)) throw thrown;
    goBack(call, '/login', toHubError(thrown), from);
  }
}

/** POST /invite/<token>: the name, where it is open, and a password. */
export async function handleInvitation(call: Call): Promise<void> {
  requireMethod(call, 'POST');
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  const form = await readForm(call.request);
  try {
    const { session } = await acceptInvitation(call.context, {
      secret: call.url.pathname.slice('/invite/'.length),
      name: form.get('name') ?? '',
      password: form.get('password') ?? '',
      ...browserOf(call),
    });
    await giveSession(call, session);
    goOn(call, '/');
  } catch (thrown) {
    if (wantsJson(call)) throw thrown;
    goBack(call, call.url.pathname, toHubError(thrown), '/');
  }
}
