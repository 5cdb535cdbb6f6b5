import { sessionCookie } from '../operations/identify.ts';
import { isLoginLink, loginLinkMinutes, signIn } from '../operations/sign-in.ts';
import { signOut } from '../operations/sign-out.ts';
import { problemOf, toHubError } from '../problem.ts';
import { requireRole } from '../require-role.ts';
import { requireOwnPage } from '../same-origin.ts';
import { actorOf, type Call, headerOf, isSecure, peerOf, requireMethod } from './call.ts';
import { sendText } from './respond.ts';

/** The longest that browsers keep a cookie; the session itself ends by the hub's clock, and slides while it is used. */
const cookieSeconds = 400 * 86_400;

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  // Not no-referrer, which would make the form's Origin "null".
  'referrer-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;' +
  'min-height:90vh;margin:0;padding:1rem}main{max-width:26rem}button{font:inherit;padding:.6rem 1.2rem;' +
  'border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #93c5fd}';

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} · gpufleet</title>` +
  `<meta name="viewport" content="width=device-width"><style>${style}</style></head>` +
  `<body><main><h1>${title}</h1>${content}</main></body></html>`;

const askPage = page(
  'Sign in to gpufleet',
  `<form method="post"><p>This link works once, within ${loginLinkMinutes} minutes.</p>` +
    '<p><button autofocus>Sign in as admin</button></p></form>',
);

const refusedPage = page(
  'This link does not work',
  '<p>It is unknown, was used already, or has expired.</p>' +
    '<p>On the hub’s machine, <code>npx gpufleet hub user login-link</code> prints a fresh one.</p>',
);

/** A link that was looked at by a previewer must still work, so only the button's POST uses it up. */
async function consumeLink(call: Call, secret: string): Promise<void> {
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  call.request.resume();
  const { session } = await signIn(call.context, { secret, peer: peerOf(call) });
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${cookieSeconds}`];
  if (isSecure(call)) attributes.push('Secure');
  call.response.setHeader('set-cookie', `${sessionCookie}=${session}; ${attributes.join('; ')}`);
  sendText(call.response, 303, '', { location: '/', 'referrer-policy': 'same-origin' });
}

/** GET and POST /login/<token>. */
export async function handleLogin(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD', 'POST');
  const secret = call.url.pathname.slice('/login/'.length);
  if (call.request.method !== 'POST') {
    const works = await isLoginLink(call.context, secret);
    sendText(call.response, works ? 200 : 404, works ? askPage : refusedPage, pageHeaders);
    return;
  }
  try {
    await consumeLink(call, secret);
  } catch (thrown) {
    const error = toHubError(thrown);
    if (error.code !== 'unauthenticated') throw thrown;
    sendText(call.response, problemOf(error).status, refusedPage, pageHeaders);
  }
}

/** POST /logout. */
export async function handleLogout(call: Call): Promise<void> {
  requireMethod(call, 'POST');
  const actor = await actorOf(call);
  requireRole(actor, 'viewer');
  requireOwnPage(call.context, (name) => headerOf(call.request, name));
  await signOut(actor, call.context, headerOf(call.request, 'cookie'));
  const secure = isSecure(call) ? '; Secure' : '';
  call.response.setHeader(
    'set-cookie',
    `${sessionCookie}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${secure}`,
  );
  sendText(call.response, 303, '', { location: '/login' });
}
