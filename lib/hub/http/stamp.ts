import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { ProxyConfig } from '../../config/access-settings.ts';
import type { HubContext } from '../context.ts';
import { type ProxiedPerson, requesterHeaders, stampPrefix } from '../requester.ts';

/** Longest name and group that are taken from a proxy. */
const maxNameLength = 200;
const maxGroups = 200;

/** Writes into a request's headers what the hub knows of its sender, and takes out what nobody may say. */
export type Stamp = (request: IncomingMessage) => void;

const plainAddress = (address: string | undefined): string =>
  (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');

/** `192.0.2.7`, `192.0.2.7:4711`, `"[2001:db8::1]:4711"` as proxies write them; null for anything else. */
function addressOf(text: string): string | null {
  const bare = text.trim().replace(/^"|"$/g, '');
  const inner = /^\[([^\]]+)\](:\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare;
  return isIP(inner) === 0 ? null : plainAddress(inner);
}

/** Text of a header as UTF-8, which Node gives as Latin-1; null for what is no name. */
function nameOf(text: string | undefined): string | null {
  const name = Buffer.from(text ?? '', 'latin1')
    .toString('utf8')
    .trim();
  const isName = name !== '' && name.length <= maxNameLength && !/[\p{Cc}\uFFFD]/u.test(name);
  return isName ? name : null;
}

function trustOf(proxy: ProxyConfig): (address: string) => boolean {
  const trusted = new BlockList();
  for (const { address, prefix, family } of proxy.trusted) trusted.addSubnet(address, prefix, family);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/** The last address that no trusted proxy has: everything before it, a client can have written itself. */
function clientOf(peer: string, forwarded: string | undefined, isTrusted: (address: string) => boolean) {
  let client = peer;
  for (const text of (forwarded ?? '').split(',').reverse()) {
    const address = addressOf(text);
    if (address === null || !isTrusted(client)) break;
    client = address;
  }
  return client;
}

function personOf(proxy: ProxyConfig, headers: NodeJS.Dict<string[]>): ProxiedPerson | null {
  const { userHeader, groupsHeader } = proxy;
  // Twice means that the proxy added its own to one that the client sent.
  const names = userHeader === null ? [] : (headers[userHeader] ?? []);
  const name = names.length === 1 ? nameOf(names[0]) : null;
  if (name === null) return null;
  const lines = groupsHeader === null ? [] : (headers[groupsHeader] ?? []);
  const groups = lines.length === 1 ? (lines[0] ?? '').split(',').map(nameOf) : [];
  return { name, groups: groups.filter((group) => group !== null).slice(0, maxGroups) };
}

/** The host as a trusted proxy says that the client named it. */
function takeForwardedHost(request: IncomingMessage): void {
  const text = String(request.headers['x-forwarded-host'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  if (text !== undefined && /^[A-Za-z0-9.:[\]_-]+$/.test(text) && URL.canParse(`http://${text}`))
    request.headers.host = text;
}

function dropClaims(headers: IncomingMessage['headers'], proxy: ProxyConfig | null): void {
  for (const name of Object.keys(headers))
    if (
      name.startsWith('x-forwarded-') ||
      name.startsWith(stampPrefix) ||
      name.startsWith('content-security-policy') ||
      name === 'forwarded' ||
      name === 'x-real-ip'
    )
      delete headers[name];
  if (proxy?.userHeader != null) delete headers[proxy.userHeader];
  if (proxy?.groupsHeader != null) delete headers[proxy.groupsHeader];
}

/** Says once, for the operator, that a proxy in front is not believed. */
function complainer(context: HubContext): (peer: string) => void {
  let said = false;
  return (peer) => {
    if (said) return;
    said = true;
    context.log(
      `a request from ${peer} has forwarded headers, which are ignored: if that is your proxy, add it to --trusted-proxies`,
    );
  };
}

/** Only a peer among the trusted proxies can say who the client is, how it came, and under which name. */
export function createStamp(context: HubContext): Stamp {
  const { proxy } = context.config.access;
  const isTrusted = proxy === null ? () => false : trustOf(proxy);
  const complain = complainer(context);
  return (request) => {
    const { headers } = request;
    const direct = plainAddress(request.socket.remoteAddress);
    const forwarded = headers['x-forwarded-for'];
    let secure = context.address?.scheme === 'https';
    let peer = direct;
    let proxied: ProxiedPerson | null = null;
    if (proxy !== null && isTrusted(direct)) {
      peer = clientOf(direct, forwarded?.toString(), isTrusted);
      const protocol = headers['x-forwarded-proto'];
      if (protocol !== undefined)
        secure = String(protocol).split(',').at(-1)?.trim().toLowerCase() === 'https';
      proxied = personOf(proxy, request.headersDistinct);
      takeForwardedHost(request);
    } else if (proxy !== null && forwarded !== undefined) complain(direct);
    dropClaims(headers, proxy);
    Object.assign(headers, requesterHeaders({ peer, secure, proxied }));
    if (secure) headers['x-forwarded-proto'] = 'https';
  };
}
