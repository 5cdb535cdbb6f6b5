import { readFile, stat } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod } from 'ssh2';
import { SshError } from './ssh-error.ts';

export interface IdentityOptions {
  /** Private keys that were asked for: one that cannot be used is an error. */
  readonly keyFiles: readonly string[];
  /** Taken where they are there and can be used: an encrypted one may lie in the agent. */
  readonly optionalKeyFiles: readonly string[];
  readonly passphrase: string | null;
  /** Socket of an ssh-agent. */
  readonly agentSocket: string | null;
}

type ParsedKey = Exclude<ReturnType<typeof ssh2.utils.parseKey>, Error>;

/** What ssh2 says of a key that it cannot read, in words that lead on. */
function readKey(path: string, text: Buffer, passphrase: string | null): ParsedKey {
  const parsed = ssh2.utils.parseKey(text, passphrase ?? undefined) as ParsedKey | ParsedKey[] | Error;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) throw new SshError('identity', `${path}: holds no key`);
  if (!(key instanceof Error)) {
    if (key.isPrivateKey()) return key;
    throw new SshError('identity', `${path}: is a public key; name the private one`);
  }
  const why = /no passphrase given/i.test(key.message)
    ? 'is encrypted; give its passphrase in GPUFLEET_SSH_PASSPHRASE, or add it to an ssh-agent'
    : /bad passphrase|decrypt|integrity/i.test(key.message)
      ? 'is encrypted, and the passphrase is not the one'
      : `cannot be used: ${key.message}`;
  throw new SshError('identity', `${path}: ${why}`);
}

async function loadKey(path: string, passphrase: string | null): Promise<ParsedKey> {
  let text: Buffer;
  try {
    const { mode, size } = await stat(path);
    if (size > 64 * 1024) throw new SshError('identity', `${path}: too large for a key`);
    text = await readFile(path);
    // A public key may be read by all; which of the two faults it is, is said below.
    if ((mode & 0o077) !== 0 && !/^(ssh|ecdsa)-/.test(text.toString('latin1', 0, 8)))
      throw new SshError(
        'key-permissions',
        `${path}: others may read it; no server should trust it (chmod 600)`,
      );
  } catch (error) {
    throw error instanceof SshError ? error : new SshError('identity', (error as Error).message);
  }
  return readKey(path, text, passphrase);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * What to log in with, in order: the agent's keys, then files. Passwords are not offered. Rejects with SshError
 * (`identity`) where a key that was asked for cannot be used, or there is none at all.
 */
export async function readIdentity(
  user: string,
  options: IdentityOptions,
): Promise<readonly AnyAuthMethod[]> {
  const methods: AnyAuthMethod[] = [];
  // A stale SSH_AUTH_SOCK is passed over, as OpenSSH does.
  if (options.agentSocket !== null && (await isThere(options.agentSocket)))
    methods.push({ type: 'agent', username: user, agent: options.agentSocket });
  const keys = await Promise.all(options.keyFiles.map((path) => loadKey(path, options.passphrase)));
  let passedOver: unknown = null;
  for (const path of options.optionalKeyFiles)
    if (await isThere(path))
      try {
        keys.push(await loadKey(path, options.passphrase));
      } catch (error) {
        passedOver = error;
      }
  for (const key of keys) methods.push({ type: 'publickey', username: user, key });
  if (methods.length > 0) return methods;
  throw (
    passedOver ?? new SshError('identity', 'there is no key to log in with: name one, or start an ssh-agent')
  );
}
