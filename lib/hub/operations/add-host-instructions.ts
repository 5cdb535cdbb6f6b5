import { isLoopback } from '../../config/parsers.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import type { AddHostInstructions } from '../hub.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret } from '../secrets.ts';
import { makeEnrollmentToken } from './make-enrollment-token.ts';

/** A token shown to the same person within this time is shown again. */
const showAgainMillis = 3_600_000;
const loopbackNote =
  'This hub answers only on this machine. To add others, start it where they reach it: ' +
  'gpufleet hub --host 0.0.0.0 --tls-auto';
const proxyNote =
  'Open this page under the address by which other hosts reach the proxy, or start the hub with --public-url.';

async function enrollmentToken(actor: Actor, context: HubContext) {
  const name = actorName(actor);
  const now = context.now();
  const shown = context.shownTokens.get(name);
  const lifeMillis = context.config.enrollmentTokenLifeSeconds * 1000;
  const keptMillis = Math.max(lifeMillis - showAgainMillis, lifeMillis / 2);
  const isFresh = shown !== undefined && shown.expiresAtMillis - now > keptMillis;
  if (isFresh && (await context.state.getEnrollmentToken(hashSecret(shown.secret))) !== null) return shown;
  const store = { state: context.state, nowMillis: now };
  const lifeSeconds = context.config.enrollmentTokenLifeSeconds;
  const fresh = await makeEnrollmentToken(actor, store, { lifeSeconds, labels: {} });
  context.shownTokens.set(name, fresh);
  return fresh;
}

/** Origin in a shell command: parsed and printed again, so that nothing but scheme, host and port gets through. */
export function safeOrigin(origin: string): URL {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || !/^[A-Za-z0-9.:[\]-]+$/.test(url.host)) {
    const detail = 'Not an http or https origin.';
    throw new HubError('invalid', detail, { errors: [{ pointer: 'origin', detail }] });
  }
  return url;
}

function command(context: HubContext, origin: string, token: string): string {
  const { caFingerprint = null, keyPin = null } = context.address ?? {};
  const pinned = caFingerprint !== null && keyPin !== null && origin.startsWith('https:');
  const curl = pinned ? `curl -fsSk --pinnedpubkey 'sha256//${keyPin}'` : 'curl -fsS';
  const fingerprint = pinned ? ` --ca-fingerprint ${caFingerprint}` : '';
  // As a variable: a list of processes shows everyone the words of a command.
  return `${curl} ${origin}/install.sh | GPUFLEET_TOKEN=${token} sh -s -- --hub ${origin}${fingerprint}`;
}

/** Where this machine itself reaches the hub. */
export function localOrigin(context: HubContext): string {
  const { scheme = 'http', port = 3000, host = '127.0.0.1' } = context.address ?? {};
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? 'localhost' : host;
  return `${scheme}://${local.includes(':') ? `[${local}]` : local}:${port}`;
}

/** Where other machines reach it: as configured, else as the browser does, else by the machine's own address. */
export function remoteOrigin(context: HubContext, browser: URL): string | null {
  const { address, config } = context;
  if (config.publicUrl !== null) return config.publicUrl;
  const browserIsLocal = isLoopback(browser.hostname.replace(/^\[|\]$/g, ''));
  if (config.behindProxy) return browserIsLocal ? null : browser.origin;
  if (address === null || isLoopback(address.host)) return null;
  if (!browserIsLocal) return browser.origin;
  const [own] = address.reachableHosts;
  return own === undefined ? null : `${address.scheme}://${own}:${address.port}`;
}

export function noteFor(context: HubContext, remote: string | null): string | null {
  if (remote !== null) return null;
  return context.config.behindProxy ? proxyNote : loopbackNote;
}

/** Makes an enrolment token (or shows the one made within the hour) and the commands that carry it. */
export async function addHostInstructions(
  actor: Actor,
  context: HubContext,
  origin: string,
): Promise<AddHostInstructions> {
  requireRole(actor, 'admin');
  const remote = remoteOrigin(context, safeOrigin(origin));
  const token = await enrollmentToken(actor, context);
  return {
    remoteCommand: remote === null ? null : command(context, remote, token.secret),
    localCommand: command(context, localOrigin(context), token.secret),
    note: noteFor(context, remote),
    tokenExpiresAt: new Date(token.expiresAtMillis).toISOString(),
  };
}
