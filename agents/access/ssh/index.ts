import type { Client, ClientChannel } from 'ssh2';
import type { HostAccess } from '../host-access.ts';
import { runCommand } from '../local/run.ts';
import { streamCommand } from '../local/stream.ts';
import { createSshChildren } from './children.ts';
import { openRoad, type SshTarget } from './connection.ts';
import { createSftpFiles } from './files.ts';
import { forwardSocket } from './forward.ts';
import { defaultHeartbeatSeconds } from './helper.ts';
import { fewSessionsNote, heldNote, noisyNote, readNotes } from './notes.ts';
import { heldCommand, sentCommand } from './one-channel/script.ts';
import { type Pipe, startVerbServer } from './one-channel/verb-server.ts';
import { openChannelWay } from './one-channel/way.ts';
import { createPlainFiles } from './plain-files.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { SshError, type SshNote } from './ssh-error.ts';
import type { SshAccess, Way } from './way.ts';

export type { SshTarget } from './connection.ts';
export { type IdentityOptions, readIdentity } from './identity.ts';
export { type OpenSshOptions, openOpenSshAccess } from './openssh.ts';
export { parseAddress, type ResolveOptions, resolveTargets } from './resolve.ts';
export { type SshConditionCode, SshError, type SshNote, sshConditionCodes } from './ssh-error.ts';
export type { SshAccess } from './way.ts';

export interface SshAccessOptions {
  readonly target: SshTarget;
  /** Hosts to go through, the nearest first. */
  readonly jumps?: readonly SshTarget[];
  /** Silence after which what runs over there is ended, and the connection is given up here; 30 unless told. */
  readonly heartbeatSeconds?: number;
}

const probeLimits = { deadlineSeconds: 10, maxOutputBytes: 4096 };
/** What a collector holds while it reads: three streams (query, pmon, kernel log), SFTP, and one for what it asks now and then. */
const sessionsNeeded = 5;

interface Base {
  readonly client: Client;
  readonly sessions: Sessions;
  readonly place: string;
  readonly heartbeatSeconds: number;
}

interface Found {
  readonly way: Way;
  readonly hostname: string;
  readonly notes: readonly SshNote[];
}

/** Ends the channel's pipe as ssh2 has it. */
const pipeOf = (channel: ClientChannel): Pipe => {
  channel.on('error', () => {});
  return {
    stdout: channel,
    stderr: channel.stderr,
    write: (text) => void channel.write(text),
    end: () => void channel.end(),
    destroy: () => channel.close(),
    closed: new Promise((resolve) => channel.once('close', () => resolve())),
  };
};

/** One session for everything: a site holds the account to its list, or the server allows too few. */
async function findOneChannel(base: Base, isHeld: boolean): Promise<Found> {
  const { sessions, place, heartbeatSeconds, client } = base;
  const allowed = sessions.limit;
  const channel = await sessions.exec(isHeld ? heldCommand : sentCommand);
  const server = await startVerbServer({
    pipe: pipeOf(channel),
    place,
    heartbeatSeconds,
    sendsScript: !isHeld,
  });
  // Without its one channel the connection is worth nothing.
  void server.closed.then(() => client.end());
  return {
    ...(await openChannelWay(server, place)),
    notes: [
      isHeld ? heldNote : fewSessionsNote(allowed, sessionsNeeded),
      ...(server.isNoisy ? [noisyNote] : []),
    ],
  };
}

/** A session for each program, SFTP for files. */
async function findSessions(base: Base): Promise<Found> {
  const { client, sessions, place, heartbeatSeconds } = base;
  const children = createSshChildren({ sessions, heartbeatSeconds });
  const run: HostAccess['run'] = (command, options) => runCommand(children, command, options);
  // As many at once as will be needed: a limit shows only when it refuses.
  const [name, user] = await Promise.all([
    run(['uname', '-n'], probeLimits),
    run(['id', '-u'], probeLimits),
    ...Array.from({ length: sessionsNeeded - 2 }, () => run(['true'], probeLimits)),
  ]);
  const hostname = name.stdout.trim();
  const why = name.exitCode === 0 ? user : name;
  if (/gpufleet-ssh 1 (held|ready)/.test(why.stderr)) return findOneChannel(base, true);
  if (name.exitCode !== 0 || user.exitCode !== 0 || hostname === '')
    throw new SshError(
      why.outcome === 'cut' ? 'cut' : 'no-shell',
      why.stderr.trim() || `${place}: no answer to uname -n (${why.outcome})`,
    );
  if (sessions.limit < sessionsNeeded) return findOneChannel(base, false);
  const files = createSftpFiles(client, sessions, createPlainFiles(run));
  return {
    hostname,
    notes: children.isNoisy ? [noisyNote] : [],
    way: {
      run: async (command, options) => (await files.answer(command, options)) ?? run(command, options),
      stream: (command, options) => streamCommand(children, command, options),
      readFile: files.read,
      listFolder: files.list,
      stuckPids: () => children.stuckPids(),
      async end() {
        files.close();
        await children.endAll();
      },
    },
  };
}

/**
 * A host over SSH: one connection; a session for each program, SFTP for files, forwarded Unix sockets; or everything over
 * one channel where the host allows no more. Resolves when the host answered; rejects with SshError and nothing left open.
 */
export async function openSshAccess(options: SshAccessOptions): Promise<SshAccess> {
  const { target, jumps = [], heartbeatSeconds = defaultHeartbeatSeconds } = options;
  const { client, hangUp } = await openRoad([...jumps, target], Math.min(10, heartbeatSeconds / 3));
  const place = `${target.user}@${target.host}`;
  const sessions = createSessions(client, place);
  const disconnected = new Promise<void>((resolve) => client.once('close', () => resolve()));
  let found: Found;
  try {
    found = await findSessions({ client, sessions, place, heartbeatSeconds });
    found = { ...found, notes: [...found.notes, ...(await readNotes(found.way))] };
  } catch (error) {
    hangUp();
    throw error;
  }
  const { way, hostname, notes } = found;
  return {
    description: `${place} over SSH`,
    run: way.run,
    stream: way.stream,
    readFile: way.readFile,
    listFolder: way.listFolder,
    stuckPids: way.stuckPids,
    connect: (path, { deadlineSeconds }) => forwardSocket(client, way, { path, deadlineSeconds }),
    hostname: async () => hostname,
    async close() {
      await way.end();
      hangUp();
    },
    disconnected,
    notes,
  };
}
