import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { mustRun, type RunningProgram, startProgram } from './programs.ts';
import { type Cleanup, eventually, freePort, temporaryFolder } from './temporary.ts';

export interface SshServer {
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  /** Line of a known_hosts file that is true of it. */
  readonly knownHostsLine: string;
  readonly program: RunningProgram;
  /** Appends to the authorized_keys of the account: the public key beside that private one. */
  authorize(keyFile: string, options?: string): void;
}

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

/** A fresh key pair; gives the path of the private one. */
export async function makeKey(folder: string, type: KeyType = 'ed25519', passphrase = ''): Promise<string> {
  const path = join(folder, `key-${type}-${Math.random().toString(36).slice(2)}`);
  await mustRun([
    'ssh-keygen',
    '-q',
    '-t',
    type,
    ...(type === 'rsa' ? ['-b', '2048'] : []),
    '-N',
    passphrase,
    '-C',
    'test',
    '-f',
    path,
  ]);
  return path;
}

/** A real sshd on a loopback port, with a host key of its own. `lines` are added to its configuration. */
export async function startSshServer(
  cleanup: Cleanup,
  options: {
    readonly lines?: readonly string[];
    readonly hostKey?: string;
    readonly port?: number;
    /** Where it listens besides those of `lines`; 127.0.0.1 unless told. */
    readonly address?: string;
    /** A command that runs it: in a namespace of its own. */
    readonly prefix?: readonly string[];
  } = {},
): Promise<SshServer> {
  const folder = temporaryFolder(cleanup, 'sshd');
  mkdirSync('/run/sshd', { recursive: true });
  const hostKey = join(folder, 'host-key');
  const made = options.hostKey ?? (await makeKey(folder));
  copyFileSync(made, hostKey);
  copyFileSync(`${made}.pub`, `${hostKey}.pub`);
  const port = options.port ?? (await freePort());
  const authorized = join(folder, 'authorized_keys');
  writeFileSync(authorized, '');
  const config = join(folder, 'sshd_config');
  const own = [
    `Port ${port}`,
    `ListenAddress ${options.address ?? '127.0.0.1'}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'LogLevel VERBOSE',
  ];
  // sshd keeps the first of two settings, so what the test wants comes first.
  const lines = options.lines ?? [];
  const sftp = lines.some((line) => line.startsWith('Subsystem')) ? [] : ['Subsystem sftp internal-sftp'];
  // Start-up files of who runs the tests (pyenv, conda) must not be part of what is tested.
  const home = lines.some((line) => line.startsWith('SetEnv')) ? [] : [`SetEnv HOME=${folder}`];
  writeFileSync(config, `${[...lines, ...own, ...home, ...sftp].join('\n')}\n`);
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', config] as const;
  const [first, ...more] = options.prefix ?? [];
  const program = startProgram(cleanup, first === undefined ? sshd : [first, ...more, ...sshd]);
  await eventually(() => program.output().includes('Server listening'), {
    seconds: 10,
    what: `sshd: ${program.output()}`,
  });
  const [type, key] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ');
  return {
    port,
    user: userInfo().username,
    folder,
    knownHostsLine: `[127.0.0.1]:${port} ${type} ${key}`,
    program,
    authorize: (keyFile, keyOptions = '') =>
      appendFileSync(authorized, `${keyOptions} ${readFileSync(`${keyFile}.pub`, 'utf8')}`.trimStart()),
  };
}
