import { type ChildProcess, spawn } from 'node:child_process';
import { processEnvironment } from '../../../lib/config/environment.ts';
import { settlesWithin } from '../local/children.ts';
import { defaultHeartbeatSeconds } from './helper.ts';
import { heldNote, noisyNote, readNotes } from './notes.ts';
import { heldCommand, sentCommand } from './one-channel/script.ts';
import { type Pipe, startVerbServer, type VerbServer } from './one-channel/verb-server.ts';
import { openChannelWay } from './one-channel/way.ts';
import { openSshFault } from './openssh-fault.ts';
import { SshError } from './ssh-error.ts';
import type { SshAccess } from './way.ts';

/** Null leaves it to the person's own ssh_config, whose ProxyCommand and Match exec the OpenSSH client runs. */
export interface OpenSshOptions {
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
  /** A private key; its certificate is `FILE-cert.pub` beside it, or `certificateFile`. */
  readonly keyFile: string | null;
  readonly certificateFile: string | null;
  /** In place of those of the person and the machine; `@cert-authority` lines count. */
  readonly knownHostsFile: string | null;
  /** `[user@]host[:port]`, the nearest first. */
  readonly jumps: readonly string[];
  /** In place of ~/.ssh/config; `none` reads none. */
  readonly configFile: string | null;
  /** The client; `ssh` unless told. */
  readonly program?: string;
  readonly heartbeatSeconds?: number;
}

const connectSeconds = 15;
const mostSaidBytes = 16 * 1024;

/** No password, no prompt, no trust at first sight, no forwarding, no shared connection, nothing run on our side. */
const fixedOptions = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'UpdateHostKeys=no',
  'PreferredAuthentications=publickey',
  `ConnectTimeout=${connectSeconds}`,
  'ConnectionAttempts=1',
  'ServerAliveInterval=10',
  'ServerAliveCountMax=3',
  'ControlMaster=no',
  'ControlPath=none',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'EscapeChar=none',
  'RequestTTY=no',
  'LogLevel=INFO',
] as const;

export function openSshArguments(options: OpenSshOptions, command: string): readonly string[] {
  const { port, user, keyFile, certificateFile, knownHostsFile, jumps, configFile } = options;
  const own = [
    ...fixedOptions,
    ...(keyFile === null ? [] : [`IdentityFile=${keyFile}`, 'IdentitiesOnly=yes']),
    ...(certificateFile === null ? [] : [`CertificateFile=${certificateFile}`]),
    ...(knownHostsFile === null
      ? []
      : [`UserKnownHostsFile=${knownHostsFile}`, 'GlobalKnownHostsFile=/dev/null']),
    ...(jumps.length === 0 ? [] : [`ProxyJump=${jumps.join(',')}`]),
    ...(port === null ? [] : [`Port=${port}`]),
    ...(user === null ? [] : [`User=${user}`]),
  ];
  return [
    ...(configFile === null ? [] : ['-F', configFile]),
    ...own.flatMap((each) => ['-o', each]),
    '--',
    options.host,
    command,
  ];
}

interface Client {
  readonly pipe: Pipe;
  /** What it wrote to stderr, cut. */
  said(): string;
  /** Ends it and whoever it started (a ProxyCommand), whatever it does; at most 3 s. */
  end(): Promise<void>;
}

function startClient(options: OpenSshOptions, command: string): Client {
  const environment: Record<string, string | undefined> = { ...processEnvironment(), LC_ALL: 'C' };
  for (const name of Object.keys(environment))
    if (name.startsWith('GPUFLEET_') || name === 'SSH_ASKPASS') delete environment[name];
  const child: ChildProcess = spawn(options.program ?? 'ssh', openSshArguments(options, command), {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment as NodeJS.ProcessEnv,
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (said.length < mostSaidBytes) said += chunk.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      said += `ssh: ${error.message}`;
      if (child.pid === undefined) resolve();
    });
  });
  for (const each of [child.stdin, child.stdout, child.stderr]) each?.on('error', () => {});
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It is gone.
    }
  };
  const end = async (): Promise<void> => {
    child.stdin?.end();
    if (await settlesWithin(closed, 1)) return;
    signal('SIGTERM');
    if (await settlesWithin(closed, 1)) return;
    signal('SIGKILL');
    await settlesWithin(closed, 1);
  };
  return {
    said: () => said,
    end,
    pipe: {
      stdout: child.stdout as NonNullable<typeof child.stdout>,
      stderr: child.stderr as NonNullable<typeof child.stderr>,
      write: (text) => void (child.stdin?.writable === true && child.stdin.write(text)),
      end: () => void child.stdin?.end(),
      destroy: () => void end(),
      closed,
    },
  };
}

interface Opened {
  readonly client: Client;
  readonly server: VerbServer;
}

/** Logs in and starts the script there. */
async function openServer(options: OpenSshOptions, place: string, isHeld: boolean): Promise<Opened> {
  const client = startClient(options, isHeld ? heldCommand : sentCommand);
  // The client has its own deadline, and one more for each jump host.
  const startSeconds = connectSeconds * (2 + options.jumps.length);
  try {
    const server = await startVerbServer({
      pipe: client.pipe,
      place,
      heartbeatSeconds: options.heartbeatSeconds ?? defaultHeartbeatSeconds,
      sendsScript: !isHeld,
      startSeconds,
    });
    return { client, server };
  } catch (error) {
    await client.end();
    const isOther = error instanceof SshError && error.condition === 'forced-command';
    if (isOther && !isHeld) return openServer(options, place, true);
    throw openSshFault(place, client.said()) ?? error;
  }
}

/**
 * A host over the OpenSSH client: one process, and everything over its one channel. For hosts that need certificates,
 * theirs or ours. Sockets (Docker's) are not reached. Rejects with SshError, and nothing is left running then.
 */
export async function openOpenSshAccess(options: OpenSshOptions): Promise<SshAccess> {
  const place = `${options.user === null ? '' : `${options.user}@`}${options.host}`;
  if (options.host === '' || options.host.startsWith('-') || /\s/.test(place))
    throw new SshError('settings', `${place}: is no address`);
  const { client, server } = await openServer(options, place, false);
  const { way, hostname } = await openChannelWay(server, place).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  const notes = [
    ...(server.isHeld ? [heldNote] : []),
    ...(server.isNoisy ? [noisyNote] : []),
    ...(await readNotes(way)),
  ];
  return {
    description: `${place} over the OpenSSH client`,
    run: way.run,
    stream: way.stream,
    readFile: way.readFile,
    listFolder: way.listFolder,
    stuckPids: way.stuckPids,
    connect: async (path) => {
      throw Object.assign(new Error(`${path}: sockets are not reached over the OpenSSH client`), {
        code: 'EACCES',
      });
    },
    hostname: async () => hostname,
    async close() {
      await way.end();
      await client.end();
    },
    disconnected: client.pipe.closed,
    notes,
  };
}
