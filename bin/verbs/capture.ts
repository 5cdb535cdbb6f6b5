import { open, unlink } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createLocalAccess } from '../../agents/access/local/index.ts';
import type { SshAccess } from '../../agents/access/ssh/way.ts';
import { takeCapture } from '../../agents/capture/take-capture.ts';
import { processEnvironment } from '../../lib/config/environment.ts';
import { fileFault } from '../../lib/config/file-fault.ts';
import { formatBytes, unitSpace } from '../../lib/format/index.ts';

const usage = `Usage: gpufleet capture [options]

Records this host's GPU stack (what nvidia-smi and its neighbours print, the files that the agent reads, Docker's
answers) into a file for a bug report: gpufleet replay FILE shows what a hub would see of it.
Names of hosts, serial numbers, uuids, addresses, the values of environment variables and what looks like a secret are
masked. So are names of people (accounts of the host, and of a directory those that own a process on a GPU), their home
folders wherever they are, and paths below a folder of their name. A person that nothing else tells of, in a path such as
/scratch/NAME, is not known as one. Look into it before you send it: it is a tar of plain texts.

  -o FILE                where to (gpufleet-capture.tar.gz); a file that is there is not overwritten
  --nvidia-smi PATH      where nvidia-smi is, if not where drivers put it
  --docker-socket PATH   of the Docker Engine API (/var/run/docker.sock)
  --no-docker            asks no engine
  --ssh [USER@]HOST[:PORT]  captures another host, over SSH, by your keys, ssh-agent and ~/.ssh/config (docs/ssh.md);
                         GPUFLEET_SSH_PASSPHRASE is the passphrase of an encrypted key
  --ssh-key FILE         logs in with this private key only
  --ssh-known-hosts FILE trusts the host keys of this file only
  --ssh-client NAME      ssh2 (built in, unless told), or openssh: your own ssh, for hosts that need certificates
  --json                 what was captured as one JSON document on stdout
  --help                 this text

Exit codes: 0 done, 2 bad usage, a file that cannot be written, or a host that cannot be read.
`;

const complain = (text: string): number => {
  process.stderr.write(`gpufleet capture: ${text}\n`);
  return 2;
};

function readOptions(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        output: { type: 'string', short: 'o', default: 'gpufleet-capture.tar.gz' },
        'nvidia-smi': { type: 'string' },
        'docker-socket': { type: 'string', default: '/var/run/docker.sock' },
        'no-docker': { type: 'boolean' },
        ssh: { type: 'string' },
        'ssh-key': { type: 'string' },
        'ssh-known-hosts': { type: 'string' },
        'ssh-client': { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const ofSsh = values['ssh-key'] ?? values['ssh-known-hosts'] ?? values['ssh-client'];
    if (values.ssh === undefined && ofSsh !== undefined)
      return '--ssh-key, --ssh-known-hosts and --ssh-client go with --ssh';
    if (!['ssh2', 'openssh', undefined].includes(values['ssh-client']))
      return `--ssh-client: "${values['ssh-client']}" is neither ssh2 nor openssh`;
    return values;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

/** What is missing because the link broke is not missing on the host: such a capture is not kept. */
async function untilCut<T>(taking: Promise<T>, disconnected: Promise<void>, where: string): Promise<T> {
  const cut = disconnected.then((): never => {
    throw new Error(`${where}: the connection was cut; nothing was kept`);
  });
  // After the capture it is we who disconnect.
  cut.catch(() => undefined);
  return Promise.race([taking, cut]);
}

const never = new Promise<void>(() => {});

interface SshWords {
  readonly key?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly client?: string | undefined;
}

/** Loaded when asked for: the agent's own bundle carries no SSH. */
async function openOther(where: string, { key, knownHosts, client = 'ssh2' }: SshWords): Promise<SshAccess> {
  const ssh = await import('../../agents/access/ssh/index.ts').catch(() => null);
  if (ssh === null) throw new Error("--ssh: the agent's own file has no SSH; use the gpufleet of the hub");
  const address = ssh.parseAddress(where);
  if (address === null) throw new Error(`--ssh: "${where}" is not [USER@]HOST[:PORT]`);
  if (client === 'openssh')
    return ssh.openOpenSshAccess({
      ...address,
      keyFile: key ?? null,
      certificateFile: null,
      knownHostsFile: knownHosts ?? null,
      jumps: [],
      configFile: null,
    });
  const environment = processEnvironment();
  const targets = await ssh.resolveTargets(address, {
    home: environment['HOME'] ?? homedir(),
    user: userInfo().username,
    keyFile: key ?? null,
    knownHostsFile: knownHosts ?? null,
    passphrase: environment['GPUFLEET_SSH_PASSPHRASE'] ?? null,
    agentSocket: environment['SSH_AUTH_SOCK'] ?? null,
  });
  return ssh.openSshAccess(targets);
}

/** The `capture` verb; resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') return complain(`${options} (gpufleet capture --help tells more)`);
  if (options.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const { output } = options;
  if (output === '-')
    return complain('-o: a capture is a file, to be looked into before it is sent; name one');
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // Before a minute is spent on what then cannot be kept; never over another file, never for others to read.
    file = await open(output, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return complain(
      code === 'EEXIST'
        ? `${output} is there already; name another with -o`
        : `${output}: ${fileFault(error)}`,
    );
  }
  let access: HostAccess | null = null;
  try {
    const other =
      options.ssh === undefined
        ? null
        : await openOther(options.ssh, {
            key: options['ssh-key'],
            knownHosts: options['ssh-known-hosts'],
            client: options['ssh-client'],
          });
    access = other ?? createLocalAccess();
    for (const { text } of other?.notes ?? []) process.stderr.write(`gpufleet capture: ${text}\n`);
    const taking = takeCapture({
      access,
      nvidiaSmiPath: options['nvidia-smi'] ?? null,
      dockerSocketPath: options['no-docker'] === true ? null : options['docker-socket'],
    });
    const where = options.ssh ?? '';
    const { archive, ...counts } = await untilCut(taking, other?.disconnected ?? never, where);
    await file.writeFile(archive);
    const told = { file: output, bytes: archive.length, ...counts };
    if (options.json === true) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    else {
      const { commands, files, dockerAnswers, missing } = counts;
      // A terminal of another encoding shows a space that does not break as two characters.
      const size = formatBytes(archive.length).replace(unitSpace, ' ');
      const lines = [
        `${output}: ${size}, ${commands} commands, ${files} files, ${dockerAnswers} answers of Docker; masked`,
        ...missing.map((line) => `  missing: ${line}`),
        'Look into it before you send it: tar -tzf lists it, gpufleet replay shows what a hub would see.',
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return 0;
  } catch (error) {
    // An empty file would be taken for a capture, and be in the way of the next.
    await unlink(output).catch(() => undefined);
    return complain(error instanceof Error ? error.message : String(error));
  } finally {
    await Promise.all([access?.close(), file.close()]);
  }
}
