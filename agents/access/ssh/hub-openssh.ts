import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { openRoad } from './connection.ts';
import { type HubKey, type HubTarget, hubTargets, knownHostsText } from './hub-target.ts';
import { openOpenSshAccess } from './openssh.ts';
import { parseAddress } from './resolve.ts';
import { SshError } from './ssh-error.ts';
import type { SshAccess } from './way.ts';

const prefix = 'gpufleet-ssh-';
/** Longer than any login takes, through jump hosts too. */
const staleMillis = 15 * 60_000;
/** Those of ssh_config(5): quotes, what stands for something else, the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those
const hasMeaning = /["%$\\\u0000-\u001f]/;

/** In memory where the machine has such a folder: a private key is written for the client, and gone when it is in. */
async function privateFolder(): Promise<string> {
  const inMemory = await stat('/dev/shm').then(
    (found) => found.isDirectory(),
    () => false,
  );
  const place = inMemory ? '/dev/shm' : tmpdir();
  await removeStale(place);
  return mkdtemp(join(place, prefix));
}

/** Of a hub that was killed while it connected: a key of its lies there. */
async function removeStale(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(place, name);
    const found = await stat(path).catch(() => null);
    const isOurs = found !== null && found.uid === process.getuid?.();
    if (isOurs && Date.now() - found.mtimeMs > staleMillis) await rm(path, { recursive: true, force: true });
  }
}

/** Path of a key that the client can open. Rejects with SshError for one that it would ask a passphrase for. */
async function keyFileFor(key: HubKey, folder: string): Promise<string> {
  if ('path' in key) {
    if (hasMeaning.test(key.path))
      throw new SshError('identity', 'the path of the key has a character that ssh_config gives a meaning');
    if (key.passphrase === null) return key.path;
    throw new SshError(
      'identity',
      `${key.path}: is encrypted, and the OpenSSH client has nobody to ask; give it a key without passphrase, or leave this host to ssh2`,
    );
  }
  const parsed = ssh2.utils.parseKey(key.text);
  if (parsed instanceof Error)
    throw new SshError('identity', `the hub’s key cannot be used: ${parsed.message}`);
  const path = join(folder, 'key');
  await writeFile(path, key.text.endsWith('\n') ? key.text : `${key.text}\n`, { mode: 0o600 });
  return path;
}

const quoted = (path: string): string => `"${path}"`;

/** The client hands only its configuration file on to the client that it starts for a jump host. */
const configOf = (keyFile: string, knownHosts: string): string =>
  [
    'Host *',
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'PreferredAuthentications publickey',
    'ConnectTimeout 15',
    'ForwardAgent no',
    'PermitLocalCommand no',
    'IdentitiesOnly yes',
    `IdentityFile ${quoted(keyFile)}`,
    `UserKnownHostsFile ${quoted(knownHosts)}`,
    'GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n');

function jumpOf(text: string, user: string): string {
  const at = parseAddress(text);
  if (at === null) throw new SshError('settings', `jump host ${text}: this is no [user@]host[:port]`);
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;
  return `${at.user ?? user}@${host}:${at.port ?? 22}`;
}

const isOfKey = (fault: unknown): fault is SshError =>
  fault instanceof SshError && ['unknown-key', 'changed-key', 'revoked-key'].includes(fault.condition);

/** The client says of an unknown key only that; ssh2 hears which it is, and sends nothing then. */
async function withShownKey(fault: unknown, wanted: HubTarget): Promise<unknown> {
  if (!isOfKey(fault)) return fault;
  try {
    const { jumps, target } = await hubTargets(wanted);
    // Without a key of ours: the client refused this host, so nobody logs in there.
    (await openRoad([...jumps, { ...target, identity: [] }])).hangUp();
    return fault;
  } catch (error) {
    if (!(error instanceof SshError) || error.knownHostsLine === null) return fault;
    if (isOfKey(error)) return error;
    // There is an authority for it, and this key is not one that it signed.
    const { fingerprint, knownHostsLine } = error;
    return new SshError(fault.condition, `${fault.message}; it shows ${fingerprint}`, {
      fingerprint,
      knownHostsLine,
    });
  }
}

/**
 * A host of a hub over the OpenSSH client. The certificate of a key in a file is `FILE-cert.pub` beside it, and is read
 * anew for each connection; authorities of hosts are `@cert-authority` lines of the hub's known_hosts files. Of the hub's
 * user's ssh_config nothing is read. Rejects with SshError, and leaves nothing then.
 */
export async function openHubOpenSsh(wanted: HubTarget): Promise<SshAccess> {
  const { address, port, user } = wanted;
  const jumps = wanted.jumps.map((jump) => jumpOf(jump, user));
  const folder = await privateFolder();
  try {
    const knownHosts = join(folder, 'known_hosts');
    const config = join(folder, 'config');
    await writeFile(knownHosts, `${await knownHostsText(wanted)}\n`, { mode: 0o600 });
    await writeFile(config, configOf(await keyFileFor(wanted.key, folder), knownHosts), { mode: 0o600 });
    return await openOpenSshAccess({
      ...{ host: address, port, user, jumps, configFile: config },
      // All three stand in the configuration file.
      ...{ keyFile: null, certificateFile: null, knownHostsFile: null },
    });
  } catch (error) {
    throw await withShownKey(error, wanted);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
