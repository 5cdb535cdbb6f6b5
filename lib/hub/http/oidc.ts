import type { HubError } from '../errors.ts';
import {
  maxTransactions,
  transactionCookie,
  transactionCookies,
  transactionSeconds,
} from '../oidc/transaction.ts';
import { beginOidc } from '../operations/begin-oidc.ts';
import { finishOidc } from '../operations/finish-oidc.ts';
import { ownOrigin } from '../own-origin.ts';
import { ownPath } from '../own-path.ts';
import { problemHeaders, problemOf, toHubError } from '../problem.ts';
import { actorOf, type Call, headerOf, isSecure, peerOf, requireMethod } from './call.ts';
import { escapeHtml, plainPage, plainPageHeaders } from './plain-page.ts';
import { sendText } from './respond.ts';
import { giveSession } from './session-cookie.ts';

function setTransactionCookie(call: Call, cookie: { name: string; value: string; maxAgeSeconds: number }) {
  // Lax, because the provider sends the browser back from another site.
  const attributes = ['Path=/login/oidc', 'HttpOnly', 'SameSite=Lax', `Max-Age=${cookie.maxAgeSeconds}`];
  if (isSecure(call)) attributes.push('Secure');
  call.response.appendHeader('set-cookie', `${cookie.name}=${cookie.value}; ${attributes.join('; ')}`);
}

const dropTransactionCookie = (call: Call, name: string): void =>
  setTransactionCookie(call, { name, value: '', maxAgeSeconds: 0 });

/** A person looks at this, not a program; what the provider said is among the words. */
function sendRefusal(call: Call, error: HubError): void {
  const { status } = problemOf(error);
  const { 'retry-after': retryAfter } = problemHeaders(error);
  const again =
    '<p><a href="/login">Back to signing in</a></p><p>If this goes on, ask the administrator of this hub.</p>';
  sendText(call.response, status, plainPage('Not signed in', `<p>${escapeHtml(error.message)}</p>${again}`), {
    ...plainPageHeaders,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
}

/** Logs what was no person's doing, and shows the words. */
function refuse(call: Call, thrown: unknown): void {
  const error = toHubError(thrown);
  if (error.code === 'internal' || error.code === 'not-found' || error.code === 'method-not-allowed')
    throw thrown;
  const { cause } = error;
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  // One line, whatever line ends the provider or the address had.
  const words = `${error.message}${why}`.replace(/\p{Cc}+/gu, ' ');
  call.context.log(`sign-in through the provider from ${peerOf(call)}: ${words}`);
  sendRefusal(call, error);
}

/** GET /login/oidc: off to the provider, and back to the path in `from` afterwards. */
export async function handleOidcStart(call: Call): Promise<void> {
  requireMethod(call, 'GET');
  const returnTo = ownPath(call.url.searchParams.get('from'));
  if ((await actorOf(call)).kind === 'user') {
    sendText(call.response, 303, '', { location: returnTo });
    return;
  }
  try {
    const begun = await beginOidc(call.context, {
      peer: peerOf(call),
      origin: ownOrigin(call.context, (name) => headerOf(call.request, name)),
      returnTo,
    });
    const old = transactionCookies(headerOf(call.request, 'cookie'));
    if (old.length >= maxTransactions) for (const name of old) dropTransactionCookie(call, name);
    setTransactionCookie(call, { ...begun.cookie, maxAgeSeconds: transactionSeconds });
    sendText(call.response, 303, '', { location: begun.location, 'referrer-policy': 'no-referrer' });
  } catch (thrown) {
    // The login page says what is the matter with the provider, and offers the other ways in.
    if (toHubError(thrown).code !== 'unavailable') return refuse(call, thrown);
    const query = returnTo === '/' ? '' : `?${new URLSearchParams({ from: returnTo })}`;
    sendText(call.response, 303, '', { location: `/login${query}` });
  }
}

/** GET /login/oidc/callback: back from the provider. */
export async function handleOidcCallback(call: Call): Promise<void> {
  // Not HEAD: a previewer that only looks would use the code up.
  requireMethod(call, 'GET');
  const { searchParams } = call.url;
  dropTransactionCookie(call, transactionCookie(searchParams.get('state') ?? ''));
  try {
    const { session, returnTo } = await finishOidc(call.context, {
      peer: peerOf(call),
      userAgent: headerOf(call.request, 'user-agent'),
      cookie: headerOf(call.request, 'cookie'),
      search: searchParams,
    });
    await giveSession(call, session);
    sendText(call.response, 303, '', { location: returnTo });
  } catch (thrown) {
    refuse(call, thrown);
  }
}
