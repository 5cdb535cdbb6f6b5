import { endedListPath } from '../collect/containers/ended.ts';
import { getText } from '../collect/containers/read.ts';
import { createCollector } from '../collect/index.ts';
import { runDoctor } from '../doctor/index.ts';
import { askSmi } from '../doctor/smi-facts.ts';
import type { RecordingAccess } from './recording-access.ts';

export interface DockerAnswer {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

export interface Asked {
  readonly docker: readonly DockerAnswer[];
  /** An errno's name, where the socket is there and cannot be opened. */
  readonly dockerFailure: string | null;
  /** What could not be asked, each with its reason. */
  readonly missing: readonly string[];
}

export interface AskOptions {
  readonly access: RecordingAccess;
  readonly nvidiaSmiPath: string | null;
  readonly dockerSocketPath: string | null;
  /** For everything together. */
  readonly deadlineSeconds: number;
}

const fileLimits = { maxBytes: 2 * 1024 * 1024, deadlineSeconds: 2 };
const runLimits = { maxOutputBytes: 4 * 1024 * 1024, deadlineSeconds: 10 };
const folderLimits = { maxEntries: 1024, deadlineSeconds: 2 };
const mostContainers = 200;

/** Forms of nvidia-smi that the collector does not ask for, and that tell more when something is not understood. */
const smiForms: readonly (readonly string[])[] = [
  ['--version'],
  ['-L'],
  [],
  ['-q'],
  ['--help-query-gpu'],
  ['--query-compute-apps=gpu_uuid,pid,process_name,used_memory', '--format=csv'],
  ['topo', '-m'],
  ['nvlink', '-s'],
  ['mig', '-lgi'],
  ['mig', '-lci'],
  ['pmon', '-c', '1'],
  ['dmon', '-c', '1'],
];

const otherCommands: readonly [string, ...string[]][] = [
  ['nvidia-ctk', '--version'],
  ['nvidia-container-cli', '--version'],
  ['nvidia-container-cli', 'info'],
  ['nvidia-ctk', 'cdi', 'list'],
  ['lspci', '-nnk', '-d', '10de:'],
  ['uname', '-r'],
  ['uname', '-m'],
];

const otherFiles: readonly string[] = [
  '/etc/os-release',
  '/proc/driver/nvidia/params',
  '/proc/sys/kernel/osrelease',
  '/sys/module/nvidia/version',
  '/etc/nvidia-container-runtime/config.toml',
];

const programOf = ({ recorded }: RecordingAccess, given: string | null): string => {
  const found = [...recorded.commands.values()].find(
    ({ argv, result }) =>
      argv[0]?.split('/').at(-1) === 'nvidia-smi' &&
      result.outcome !== 'not-found' &&
      result.outcome !== 'not-permitted',
  );
  return given ?? found?.argv[0] ?? 'nvidia-smi';
};

/** One reading by the collector, as the agent would take it, so that a recording answers whatever it asks. */
async function collectOnce(options: AskOptions, untilMillis: number): Promise<boolean> {
  const { access, nvidiaSmiPath, dockerSocketPath } = options;
  const collector = createCollector(access, {
    intervalSeconds: 5,
    hold: false,
    nvidiaSmiPath,
    dockerSocketPath,
    // What is asked is recorded, and a recording leaves the host.
    enginePaths: { podman: null, containerd: null, crio: null, kubelet: null },
    commandLines: false,
    people: false,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, untilMillis - performance.now()));
  });
  const done = await Promise.race([collector.start().then(() => true as const), late]);
  clearTimeout(timer);
  await collector.stop();
  return done;
}

async function askDocker(
  access: RecordingAccess,
  socketPath: string | null,
): Promise<Omit<Asked, 'missing'>> {
  if (socketPath === null) return { docker: [], dockerFailure: null };
  const docker: DockerAnswer[] = [];
  let dockerFailure: string | null = null;
  const ask = async (path: string, recordedAs = path): Promise<string | null> => {
    const answer = await getText(access, socketPath, path);
    if ('status' in answer) docker.push({ path: recordedAs, ...answer });
    else dockerFailure ??= answer.code;
    return 'status' in answer && answer.status === 200 ? answer.body : null;
  };
  if ((await ask('/version')) === null && docker.length === 0) return { docker, dockerFailure };
  await ask('/info');
  const running = idsOf(await ask('/containers/json'));
  // Those that failed too: a recording without them tells of a host on which nothing did.
  const ended = idsOf(await ask(endedListPath, '/containers/json?all=1'));
  for (const id of new Set([...running, ...ended])) await ask(`/containers/${id}/json`);
  return { docker, dockerFailure: docker.length > 0 ? null : dockerFailure };
}

function idsOf(body: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(body ?? '[]');
    const ids = Array.isArray(list) ? list.map((each: { Id?: unknown } | null) => each?.Id) : [];
    return ids.filter((id) => typeof id === 'string').slice(0, mostContainers);
  } catch {
    return [];
  }
}

/** Asks a host everything that tells of its GPU stack, within the deadline. Never rejects. */
export async function askAll(options: AskOptions): Promise<Asked> {
  const { access, nvidiaSmiPath, dockerSocketPath } = options;
  const endMillis = performance.now() + options.deadlineSeconds * 1000;
  const missing: string[] = [];
  const isLate = (): boolean => performance.now() > endMillis;
  // Half of the time, so that a driver that hangs leaves some for everything else.
  const half = performance.now() + options.deadlineSeconds * 500;
  if (!(await collectOnce(options, half))) missing.push('a whole reading of the collector: it took too long');
  await runDoctor({
    access,
    dockerSocketPath,
    smi: () => askSmi(access, nvidiaSmiPath),
    mayOpenDevices: [...access.recorded.commands.values()].every(({ result }) => result.outcome !== 'paused'),
  });
  const docker = await askDocker(access, dockerSocketPath);
  for (const path of otherFiles) await access.readFile(path, fileLimits);
  const gpus = await access.listFolder('/proc/driver/nvidia/gpus', folderLimits);
  for (const name of gpus.outcome === 'listed' ? gpus.names : [])
    await access.readFile(`/proc/driver/nvidia/gpus/${name}/information`, fileLimits);
  const commands: readonly (readonly [string, ...string[]])[] = [
    ...otherCommands,
    ...smiForms.map((words): [string, ...string[]] => [programOf(access, nvidiaSmiPath), ...words]),
  ];
  let hung: string | null = null;
  for (const command of commands) {
    const words = command.join(' ');
    if (access.recorded.commands.has(JSON.stringify(command))) continue;
    if (isLate()) missing.push(`${words}: the time was up`);
    else if (hung === command[0]) missing.push(`${words}: an earlier one gave no answer`);
    else {
      const { outcome } = await access.run([...command], runLimits);
      if (outcome === 'timeout' || outcome === 'hung') hung = command[0];
    }
  }
  return { ...docker, missing };
}
