import { loginLinkMinutes, peekLoginLink, signIn } from '../operations/sign-in.ts';
import { signOut } from '../operations/sign-out.ts';
import { problemOf, toHubError } from '../problem.ts';
import { requireRole } from '../require-role.ts';
import { requireOwnPage } from '../same-origin.ts';
import { actorOf, type Call, headerOf, peerOf, requireMethod } from './call.ts';
import { escapeHtml, plainPage, plainPageHeaders } from './plain-page.ts';
import { sendText } from './respond.ts';
import { giveSession, takeSession } from './session-cookie.ts';

const askPage = (name: string): string =>
  plainPage(
    'Sign in to gpufleet',
    `<form method="post"><p>This link works once, within ${loginLinkMinutes} minutes.</p>` +
      `<p><button autofocus>Sign in as ${escapeHtml(name)}</button></p></form>`,
  );

const refusedPage = plainPage(
  'This link does not work',
  '<p>It is unknown, was used already, or has expired.</p>' +
    '<p>On the hub’s machine, <code>npx gpufleet hub user login-link</code> prints a fresh one.</p>',
);

/** A link that was looked at by a previewer must still work, so only the button's POST uses it up. */
async function consumeLink(call: Call, secret: string): Promise<void> {
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  call.request.resume();
  const userAgent = headerOf(call.request, 'user-agent');
  const { session } = await signIn(call.context, { secret, peer: peerOf(call), userAgent });
  await giveSession(call, session);
  sendText(call.response, 303, '', { location: '/', 'referrer-policy': 'same-origin' });
}

/** GET and POST /login/<token>. */
export async function handleLogin(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD', 'POST');
  const secret = call.url.pathname.slice('/login/'.length);
  if (call.request.method !== 'POST') {
    const name = await peekLoginLink(call.context, secret);
    if (name === null) sendText(call.response, 404, refusedPage, plainPageHeaders);
    else sendText(call.response, 200, askPage(name), plainPageHeaders);
    return;
  }
  try {
    await consumeLink(call, secret);
  } catch (thrown) {
    const error = toHubError(thrown);
    if (error.code !== 'unauthenticated') throw thrown;
    sendText(call.response, problemOf(error).status, refusedPage, plainPageHeaders);
  }
}

/** POST /logout. */
export async function handleLogout(call: Call): Promise<void> {
  requireMethod(call, 'POST');
  const actor = await actorOf(call);
  const isBrowser = (headerOf(call.request, 'accept') ?? '').includes('text/html');
  if (actor.kind === 'stranger' && isBrowser) {
    // The session had ended already.
    sendText(call.response, 303, '', { location: '/login' });
    return;
  }
  requireRole(actor, 'viewer');
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  const location = await signOut(actor, call.context, (name) => headerOf(call.request, name));
  takeSession(call);
  sendText(call.response, 303, '', { location });
}
