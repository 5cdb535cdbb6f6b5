import { hostname, networkInterfaces } from 'node:os';

/** This machine's own addresses that others may reach, IPv4 first; link-local ones, which need a zone, left out. */
export function reachableAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  const of = (family: string) =>
    outside.filter((entry) => entry.family === family).map((entry) => entry.address);
  return [...of('IPv4'), ...of('IPv6')];
}

/** Every name and address that a server certificate of this machine should carry. */
export function certificateNames(publicUrl: string | null, listenHost: string): string[] {
  const publicHost = publicUrl === null ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')];
  const listened = listenHost === '0.0.0.0' || listenHost === '::' ? [] : [listenHost];
  const names = [
    'localhost',
    '127.0.0.1',
    '::1',
    hostname(),
    ...publicHost,
    ...listened,
    ...reachableAddresses(),
  ];
  return [...new Set(names)].filter((name) => /^[A-Za-z0-9.:-]+$/.test(name));
}
