import type { Client } from 'ssh2';
import type { HostAccess } from '../host-access.ts';
import { runCommand } from '../local/run.ts';
import { streamCommand } from '../local/stream.ts';
import { createSshChildren } from './children.ts';
import { openConnection, type SshTarget } from './connection.ts';
import { createSftpFiles } from './files.ts';
import { forwardSocket } from './forward.ts';
import { defaultHeartbeatSeconds } from './helper.ts';
import { createPlainFiles } from './plain-files.ts';
import { createSessions } from './sessions.ts';
import { SshError } from './ssh-error.ts';

export type { SshTarget } from './connection.ts';
export { type IdentityOptions, readIdentity } from './identity.ts';
export { parseAddress, type ResolveOptions, resolveTargets } from './resolve.ts';
export { type SshConditionCode, SshError, type SshNote, sshConditionCodes } from './ssh-error.ts';

export interface SshAccessOptions {
  readonly target: SshTarget;
  /** Hosts to go through, the nearest first. */
  readonly jumps?: readonly SshTarget[];
  /** Silence after which what runs over there is ended; 30 unless told. */
  readonly heartbeatSeconds?: number;
}

export interface SshAccess extends HostAccess {
  /** Resolves when the connection is gone, however it went. */
  readonly disconnected: Promise<void>;
}

const probeLimits = { deadlineSeconds: 10, maxOutputBytes: 4096 };

async function connectAll(targets: readonly SshTarget[]): Promise<readonly Client[]> {
  const clients: Client[] = [];
  try {
    for (const target of targets) clients.push(await openConnection(target, clients.at(-1) ?? null));
  } catch (error) {
    for (const client of clients) client.destroy();
    throw error;
  }
  return clients;
}

/**
 * A host over SSH: one connection, a session for each program, SFTP for files, forwarded Unix sockets. Resolves when the
 * host answered; rejects with SshError and nothing left open.
 */
export async function openSshAccess(options: SshAccessOptions): Promise<SshAccess> {
  const { target, jumps = [], heartbeatSeconds = defaultHeartbeatSeconds } = options;
  const clients = await connectAll([...jumps, target]);
  const client = clients.at(-1) as Client;
  const place = `${target.user}@${target.host}`;
  const sessions = createSessions(client, place);
  const children = createSshChildren({ sessions, heartbeatSeconds });
  const run: HostAccess['run'] = (command, runOptions) => runCommand(children, command, runOptions);
  const files = createSftpFiles(client, sessions, createPlainFiles(run));
  const disconnected = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    files.close();
    await children.endAll();
    // The nearest last: the others' connections go through it.
    for (const each of [...clients].reverse()) each.end();
    for (const each of clients) each.destroy();
  };

  // Two at once: the collector needs a session for nvidia-smi's stream beside the others.
  const [name, user] = await Promise.all([run(['uname', '-n'], probeLimits), run(['id', '-u'], probeLimits)]);
  const hostname = name.stdout.trim();
  if (name.exitCode !== 0 || user.exitCode !== 0 || hostname === '') {
    await close();
    const why = name.exitCode === 0 ? user : name;
    throw new SshError('no-shell', why.stderr.trim() || `${place}: no answer to uname -n (${why.outcome})`);
  }
  if (sessions.limit < 2) {
    await close();
    throw new SshError(
      'one-session',
      `${place}: the server allows one session at a time (MaxSessions 1 of sshd_config); at least 3 are needed, 10 is sshd's own default`,
    );
  }
  return {
    description: `${place} over SSH`,
    run,
    stream: (command, streamOptions) => streamCommand(children, command, streamOptions),
    readFile: (path, fileOptions) => files.read(path, fileOptions),
    listFolder: (path, folderOptions) => files.list(path, folderOptions),
    connect: (path, { deadlineSeconds }) => forwardSocket(client, { run }, { path, deadlineSeconds }),
    stuckPids: () => children.stuckPids(),
    hostname: async () => hostname,
    close,
    disconnected,
  };
}
