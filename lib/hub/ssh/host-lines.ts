import { isIPv6 } from 'node:net';
import { expandHostPattern, mostHostsOfPattern } from '../../labels/index.ts';
import type { SshHostLine, SshHostSettings } from '../../model/index.ts';

/** Hosts that one text may name. */
export const mostHosts = mostHostsOfPattern;

/** A name or an IP address; never what a command could take for an option. */
export const isAddress = (text: string): boolean =>
  /^(?![-.])(?!.*\.\.)[A-Za-z0-9._-]{1,255}$/.test(text) ||
  (/^[0-9a-fA-F:.]{2,45}(%[\w.-]+)?$/.test(text) && isIPv6(text));
export const isUser = (text: string): boolean => /^(?!-)[A-Za-z0-9._-]{1,64}\$?$/.test(text);

type Place = Pick<SshHostSettings, 'address' | 'port' | 'user'>;

/** `[user@]host[:port]`, an IPv6 address with a port in brackets. Throws an Error that says why not. */
export function readPlace(text: string, user: string): Place {
  const at = text.lastIndexOf('@');
  const login = at < 0 ? user : text.slice(0, at);
  const rest = text.slice(at + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(rest);
  const plain = rest.split(':').length > 2 ? null : /^([^:]+)(?::(\d{1,5}))?$/.exec(rest);
  const address = bracketed?.[1] ?? plain?.[1] ?? rest;
  const port = Number(bracketed?.[2] ?? plain?.[2] ?? 22);
  if (!isUser(login)) throw new Error(`"${login}" is no user name`);
  if (!isAddress(address)) throw new Error(`"${address}" is no host name or IP address`);
  if (port < 1 || port > 65_535) throw new Error(`${port} is no port`);
  return { address, port, user: login };
}

/** One without numbers in brackets stays as it is: an IPv6 address has colons there. Throws an Error that says why not. */
function placesOf(text: string): readonly string[] {
  if (!/\[\d[\d,-]*\]/.test(text)) return [text];
  const expanded = expandHostPattern(text);
  if ('fault' in expanded) throw new Error(expanded.fault);
  return expanded.hosts;
}

/** What each host of a text gets where its line says none. */
export type LineDefaults = Pick<SshHostSettings, 'user' | 'keyId' | 'jumps' | 'intervalSeconds' | 'client'>;

export const settingsOf = (
  place: Place,
  { keyId, jumps, intervalSeconds, client }: LineDefaults,
): SshHostSettings => ({ ...place, jumps, keyId, intervalSeconds, client });

/** A host a line, patterns allowed; empty lines and comments are passed over. */
export function readHostLines(text: string, defaults: LineDefaults): readonly SshHostLine[] {
  const lines: SshHostLine[] = [];
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const number = index + 1;
    try {
      if (/\s/.test(line)) throw new Error('more than one word: one host a line');
      for (const place of placesOf(line)) {
        const settings = settingsOf(readPlace(place, defaults.user), defaults);
        lines.push({ line: number, text: line, settings, fault: null });
        if (lines.length > mostHosts) throw new Error(`more than ${mostHosts} hosts`);
      }
    } catch (error) {
      lines.push({ line: number, text: line.slice(0, 200), settings: null, fault: (error as Error).message });
      if (lines.length > mostHosts) break;
    }
  }
  return lines;
}
