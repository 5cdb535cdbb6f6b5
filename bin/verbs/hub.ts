import { readFileSync } from 'node:fs';
import { hubSettingsHelp, loadHubConfig } from '../../lib/config/hub-config.ts';
import { StoreError } from '../../lib/state/state-store.ts';
import { goOnWithoutOutput } from '../output-fault.ts';
import { maintenanceCommand } from './hub-commands/maintenance.ts';
import { sshCommand } from './hub-commands/ssh.ts';
import { userCommand } from './hub-commands/user.ts';
import { hostCommand, tokenCommand } from './hub-commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

const usage = `Usage: gpufleet hub [options]                runs the hub
       gpufleet hub user login-link [NAME]     prints a one-time link that signs in, as administrator or as NAME
       gpufleet hub user list [--json]
       gpufleet hub user invite [NAME] --role viewer|operator|admin [--for 3d]   prints a link by which someone joins
       gpufleet hub user role NAME viewer|operator|admin
       gpufleet hub user disable|enable|remove NAME
       gpufleet hub token create --kind scrape|api|enroll [--name NAME] [--role viewer|operator|admin] [--for 90d]
       gpufleet hub token list
       gpufleet hub token remove NAME
       gpufleet hub host release ID            lets another agent enrol with this host id
       gpufleet hub maintenance HOSTS… --for 2h [--reason TEXT]   keeps their alerts quiet; a host is a name (* matches),
                                               an id, group=… or a label key=value
       gpufleet hub maintenance list
       gpufleet hub maintenance end ID
       gpufleet hub ssh list [--json]          hosts that the running hub reads over SSH
       gpufleet hub ssh add HOST… --key NAME [--user U] [--jump HOST,…] [--interval 5s] [--client ssh2|openssh] [--json]
       gpufleet hub ssh test HOST [--json]     each step to it; 1 where one stops
       gpufleet hub ssh accept HOST --fingerprint SHA256:…
       gpufleet hub ssh forget HOST            withdraws the key that was accepted for it
       gpufleet hub ssh remove HOST…
       gpufleet hub ssh key NAME [--file PATH] makes a key for them where there is none of that name, and prints its line
       gpufleet hub backup FILE [--force]      state, history and keys (ssh-secret.key, TLS) in one tar (.gz compresses it; - is stdout)
       gpufleet hub restore FILE [--force]     into an empty or absent --data, with no hub running there

--no-pages serves the API, /metrics and the stream only. The commands work beside a running hub, on its data folder (--data).

`;

const commands = {
  user: userCommand,
  token: tokenCommand,
  host: hostCommand,
  maintenance: maintenanceCommand,
  ssh: sshCommand,
  backup: async (argv: readonly string[]) => (await import('./hub-backup.ts')).backupCommand(argv, version),
  restore: async (argv: readonly string[]) => (await import('./hub-backup.ts')).restoreCommand(argv),
} as const;

function complain(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`gpufleet hub: ${line}\n`);
}

/** One line for what keeps a hub from starting, and the exit code. */
function startFailure(error: unknown, address: string): readonly [line: string, exitCode: number] {
  if (error instanceof StoreError) return [error.message, 2];
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return [`${address} is in use: stop what listens there, or use another --port`, 3];
  if (code === 'EACCES') return [`may not listen on ${address}: ${message}`, 3];
  if (code === 'EADDRNOTAVAIL') return [`this machine has no address ${address}`, 3];
  return [message.split('\n', 1)[0] ?? 'could not start', 2];
}

/** Resolves at SIGTERM or SIGINT; a second one ends the process at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

async function serve(argv: readonly string[]): Promise<number> {
  const withPages = !argv.includes('--no-pages');
  const loaded = loadHubConfig(argv.filter((word) => word !== '--no-pages'));
  if (!loaded.ok) {
    complain(loaded.faults);
    return 2;
  }
  const { config } = loaded;
  try {
    goOnWithoutOutput();
    const stopped = untilStopped();
    // Loaded only here: a command beside the hub needs a tenth of it.
    const { startServer } = await import('../../lib/hub/server.ts');
    const server = await startServer({ config, version, root, withPages });
    const link =
      server.loginLink === null
        ? 'For a link that signs in: npx gpufleet hub user login-link\n'
        : `Open ${server.loginLink}  (works once, 15 min)\n`;
    process.stdout.write(`gpufleet hub ${version} on ${server.origin}\n${link}`);
    await stopped;
    await server.close();
    return 0;
  } catch (error) {
    const [line, exitCode] = startFailure(error, `${config.host}:${config.port}`);
    complain([line]);
    return exitCode;
  }
}

/** `--data` may stand before a command as well as after it. */
function withCommandFirst(argv: readonly string[]): readonly string[] {
  const count = argv[0] === '--data' ? 2 : Number(argv[0]?.startsWith('--data='));
  const word = argv[count] ?? '';
  if (count === 0 || !Object.hasOwn(commands, word)) return argv;
  return [word, ...argv.slice(count + 1), ...argv.slice(0, count)];
}

/** Runs the hub until SIGTERM, or one of its commands. */
export async function run(words: readonly string[]): Promise<number> {
  const argv = withCommandFirst(words);
  // What the hub writes (databases, keys) is for its own user, also in a data folder that others may enter.
  process.umask(0o077);
  const [word, ...rest] = argv;
  // It says its own.
  if (word !== 'ssh' && (argv.includes('--help') || argv.includes('-h'))) {
    process.stdout.write(usage + hubSettingsHelp());
    return 0;
  }
  if (word !== undefined && Object.hasOwn(commands, word))
    return commands[word as keyof typeof commands](rest);
  return serve(argv);
}
