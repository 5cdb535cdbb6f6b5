import type { SshHostLine, SshHostSettings } from '../../model/index.ts';

/** Hosts that one text may name. */
export const mostHosts = 5000;

/** `gpu[001-120].example` as 120 names, padding kept; several brackets multiply. Throws an Error that says why not. */
export function expandPattern(pattern: string): readonly string[] {
  const found = /\[(\d+)-(\d+)\]/.exec(pattern);
  if (found === null) return [pattern];
  const [whole, first = '', last = ''] = found;
  const [from, to] = [Number(first), Number(last)];
  if (to < from) throw new Error(`${whole}: the second number is smaller than the first`);
  if (to - from >= mostHosts) throw new Error(`${whole}: more than ${mostHosts} hosts`);
  const [before, after] = [pattern.slice(0, found.index), pattern.slice(found.index + whole.length)];
  const names: string[] = [];
  for (let number = from; number <= to; number += 1)
    for (const rest of expandPattern(after)) {
      names.push(`${before}${String(number).padStart(first.length, '0')}${rest}`);
      if (names.length > mostHosts) throw new Error(`more than ${mostHosts} hosts`);
    }
  return names;
}

/** A name or an IP address; never what a command could take for an option. */
export const isAddress = (text: string): boolean =>
  /^(?!-)[A-Za-z0-9._-]{1,255}$/.test(text) || /^[0-9a-fA-F:.]{2,45}(%[\w.-]+)?$/.test(text);
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

/** Puts the brackets of a pattern aside, so that those of IPv6 are left alone. */
const placesOf = (text: string): readonly string[] =>
  /\[\d+-\d+\]/.test(text) ? expandPattern(text) : [text];

interface Defaults {
  readonly user: string;
  readonly keyId: string;
}

/** A host a line, patterns allowed; empty lines and comments are passed over. */
export function readHostLines(text: string, { user, keyId }: Defaults): readonly SshHostLine[] {
  const lines: SshHostLine[] = [];
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const number = index + 1;
    try {
      if (/\s/.test(line)) throw new Error('more than one word: one host a line');
      for (const place of placesOf(line)) {
        const settings = { ...readPlace(place, user), jumps: [], keyId, intervalSeconds: null };
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
