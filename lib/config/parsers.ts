import { labelKeyFault, labelValueFault } from '../model/index.ts';

/** Why one setting's text cannot be taken; the message continues the sentence `"text" …`. */
export class SettingError extends Error {}

const secondsPerUnit: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  y: 365 * 86_400,
};

/** `500ms`, `5s`, `1h30m`, `30d`, `2y` → seconds. A bare number is refused: it would be a guess. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new SettingError('is not a duration such as 500ms, 5s, 30m, 2h, 30d or 2y');
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * (secondsPerUnit[part[2] ?? ''] ?? 0), 0);
}

/** A duration between two others, both included. */
export const durationBetween =
  (minimum: string, maximum: string) =>
  (text: string): number => {
    const seconds = parseDuration(text);
    if (seconds < parseDuration(minimum) || seconds > parseDuration(maximum)) {
      throw new SettingError(`is not between ${minimum} and ${maximum}`);
    }
    return seconds;
  };

const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `64MiB`, `1.5 GB`, `1048576` → whole bytes, above zero. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kKMG]?i?B?)$/.exec(text);
  const factor = match === null ? undefined : bytesPerUnit[match[2] ?? ''];
  const bytes = Math.floor(Number(match?.[1]) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new SettingError('is not a size such as 64MiB, 500kB or 1048576');
  }
  return bytes;
}

export const integerBetween =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < minimum || value > maximum) {
      throw new SettingError(`is not a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };

/** An amount of money: `2.5`, `0`; nothing below zero. */
export function parseAmount(text: string): number {
  const amount = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || amount > 1e9) throw new SettingError('is not an amount such as 2.5');
  return amount;
}

/** What stands beside amounts: `EUR`, `€`. */
export function parseCurrency(text: string): string {
  if (!/^[\p{L}\p{Sc}]{1,8}$/u.test(text)) throw new SettingError('is not a currency such as EUR');
  return text;
}

/** 0 lets the system choose a free one. */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new SettingError('is not a port from 0 to 65535');
  }
  return Number(text);
}

/** A host to bind to, by name or address, without port; brackets around IPv6 are taken off. */
export function parseHost(text: string): string {
  const host = /^\[(.+)\]$/.exec(text)?.[1] ?? text;
  const isName = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host);
  const isIpv6 = /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(%\w+)?$/.test(host) && host.split(':').length > 2;
  if (!isName && !isIpv6) throw new SettingError('is not a host name or address (without port)');
  return host;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9400`, `[::1]:9400`, `:9400` (every address) → where to listen. */
export function parseAddress(text: string): Address {
  const match = /^(.*):(\d+)$/.exec(text);
  if (match === null || (match[1]?.includes(':') && !match[1].startsWith('['))) {
    throw new SettingError('is not an address such as 127.0.0.1:9400, [::1]:9400 or :9400');
  }
  return { host: match[1] === '' ? '::' : parseHost(match[1] ?? ''), port: parsePort(match[2] ?? '') };
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** An http(s) URL without credentials, query and fragment; a closing slash is taken off. */
export function parseHttpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SettingError('is not an address such as https://gpufleet.example.com');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SettingError('must be a bare address: no user, password, query or fragment');
  }
  return url.href.replace(/\/+$/, '');
}

/** Where notices are posted: an http(s) URL, with a query where the receiver wants one; no credentials, no fragment. */
export function parseWebhookUrl(text: string): string {
  const url = URL.canParse(text) && text.length <= 2000 ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SettingError('is not an http or https address such as https://chat.example.com/hooks/gpufleet');
  }
  if (url.username !== '' || url.password !== '') {
    throw new SettingError(
      'has a user or password in it: receivers take those in the path, the query or a header',
    );
  }
  if (url.hash !== '') throw new SettingError('has a #fragment, which is never sent');
  return url.href;
}

export function parseText(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new SettingError('is empty');
  return text;
}

export function parseSwitch(text: string): boolean {
  if (['true', '1', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new SettingError('is neither true nor false');
}

/** `key=value`, as lib/model/labels.ts allows. */
export function parseLabel(text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new SettingError('is not a label such as rack=a1');
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  const keyFault = labelKeyFault(key);
  if (keyFault !== null) throw new SettingError(`is not a label such as rack=a1: its key ${keyFault}`);
  const valueFault = labelValueFault(value);
  if (valueFault !== null) throw new SettingError(`has a value that ${valueFault}`);
  return [key, value];
}
