import { createHomes } from './homes.ts';
import { maskDaemonConfig, maskDocker } from './json.ts';
import { createNames } from './names.ts';
import {
  createNumbered,
  maskAddresses,
  masked,
  maskSecrets,
  maskUrls,
  maskUuids,
  uuidDigits,
} from './patterns.ts';
import { maskProcessNames } from './process-names.ts';
import { serialsIn } from './serials.ts';

/** Where a text comes from, which says what of it is kept at all. */
export type TextSource =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'docker'; readonly path: string };

/** Masks the texts of one host, each value alike wherever it stands. First `learn` them all, then `mask` each. */
export interface Masker {
  learn(source: TextSource, text: string): void;
  mask(source: TextSource, text: string): string;
  /** A name, path or argument outside of a text. */
  word(text: string): string;
  readonly hostname: string;
}

export interface MaskerOptions {
  readonly hostname: string;
  /** Of people who have an account on the host. */
  readonly userNames: readonly string[];
  /** Of the same people, wherever they are; what is below /home is masked without. */
  readonly homeFolders?: readonly string[];
  /** Other names of machines, such as those of /etc/hosts. */
  readonly hostNames: readonly string[];
}

const kernelLines =
  /NVRM|nvidia|nouveau|nova_core|module verification|key was rejected|unsigned module|lockdown|PKCS#7|secure boot/i;

/** Only lines about the driver: a kernel log tells of disks, networks and people's programs too. */
const driverLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => kernelLines.test(line))
    .join('\n');

const statusLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /^(?:Name|State|Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp):/.test(line))
    .join('\n');

const slurmNode = (text: string): string =>
  [...text.matchAll(/(?:^|\s)((?:NodeName|Partitions|State)=\S+)/g)].map((match) => match[1]).join(' ') ||
  text.slice(0, 200);

function ofCommand(argv: readonly string[], text: string): string {
  const program = argv[0]?.split('/').at(-1) ?? '';
  if (program === 'dmesg' || program === 'journalctl') return driverLines(text);
  if (program === 'scontrol') return slurmNode(text);
  // nvidia-smi, which may have another name here.
  return maskProcessNames(argv, text);
}

function ofFile(path: string, text: string): string {
  if (/^\/proc\/(?:\d+|self)\/(?:cmdline|environ)$/.test(path)) return masked;
  if (/^\/proc\/(?:\d+|self)\/status$/.test(path)) return statusLines(text);
  if (path === '/dev/kmsg') return driverLines(text);
  if (path === '/etc/docker/daemon.json') return maskJson(text, maskDaemonConfig);
  return path === '/proc/sys/kernel/hostname' || path === '/etc/hostname' ? 'host-1\n' : text;
}

/** What is no JSON is not kept: nothing says what is in it. */
function maskJson(text: string, read: (value: unknown) => unknown): string {
  try {
    return JSON.stringify(read(JSON.parse(text)), null, 2);
  } catch {
    return masked;
  }
}

export function createMasker({ hostname, userNames, homeFolders = [], hostNames }: MaskerOptions): Masker {
  const names = createNames();
  const [shortName = hostname] = hostname.split('.', 1);
  const own = names.add('host', hostname);
  names.add('host', shortName);
  for (const name of hostNames) names.add('host', name);
  const uuids = createNumbered(uuidDigits);
  const urlHosts = createNumbered((count) => `host-${count}.masked.invalid`);
  const addresses = {
    ipv4: createNumbered((count) => `192.0.2.${((count - 1) % 254) + 1}`),
    ipv6: createNumbered((count) => `2001:db8::${count.toString(16)}`),
    mac: createNumbered((count) => `02:00:00:00:00:${(count % 256).toString(16).padStart(2, '0')}`),
  };
  const addUser = (user: string): void => {
    names.add('user', user);
    homes.addOwner(user);
  };
  const homes = createHomes({
    homeFolders,
    learn: (user) => {
      if (user.length >= 3) addUser(user);
    },
  });
  for (const name of userNames) addUser(name);
  const word = (text: string): string => {
    const homed = homes.mask(maskUrls(text, urlHosts));
    return maskUuids(maskAddresses(names.replace(maskSecrets(homed)), addresses), uuids);
  };
  const structured = (source: TextSource, text: string): string => {
    if (source.kind === 'docker')
      return maskJson(text, (value) => maskDocker(source.path, value, { names, hostNumbered: urlHosts }));
    return source.kind === 'file' ? ofFile(source.path, text) : ofCommand(source.argv, text);
  };
  return {
    hostname: own,
    learn(source, text) {
      for (const serial of serialsIn(text)) names.add('serial', serial);
      homes.mask(text);
      if (source.kind === 'docker') structured(source, text);
    },
    mask: (source, text) => word(structured(source, text)),
    word,
  };
}
