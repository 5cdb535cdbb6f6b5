import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type AccessLevel, accessLevels } from '../model/index.ts';
import { processEnvironment } from './environment.ts';
import {
  type Address,
  durationBetween,
  flag,
  list,
  parseAddress,
  parseBytes,
  parseHttpUrl,
  parseLabel,
  parseText,
  readSettings,
  SettingError,
  settingsHelp,
  type Values,
  value,
} from './read-settings.ts';
import { hubSettingNames } from './setting-names.ts';
import { type ReadTextFile, readSettingsFile } from './settings-file.ts';

const settings = {
  hub: value(parseHttpUrl, null, { placeholder: 'URL', help: 'hub to report to' }),
  token: value(parseToken, null, {
    placeholder: 'TOKEN',
    help: 'enrolment token (gfe_…) or host credential (gfa_…)',
    secret: true,
  }),
  tokenFile: value(parseText, null, { placeholder: 'FILE', help: 'file that holds it' }),
  label: list(parseLabel, { placeholder: 'KEY=VALUE', help: 'label of this host; may be repeated' }),
  labelsFile: value(parseText, '/etc/gpufleet/labels.yaml', {
    placeholder: 'FILE',
    help: 'YAML file of labels, read again when it changes (/etc/gpufleet/labels.yaml)',
  }),
  kubernetesNode: value(parseText, null, {
    placeholder: 'NAME',
    help: 'of this node: labels of it that --kubernetes-label names are read from the API server',
  }),
  kubernetesLabel: list(parseText, {
    placeholder: 'PATTERN',
    help: 'label of the node to take, * for any text; may be repeated',
  }),
  interval: value(durationBetween('500ms', '1h'), 5, {
    placeholder: 'TIME',
    help: 'between two readings, until the hub says otherwise (5s)',
  }),
  nvidiaSmi: value(parseText, null, {
    placeholder: 'PATH',
    help: 'nvidia-smi to run (found on PATH and in the usual places)',
  }),
  dockerSocket: value(parseText, null, {
    placeholder: 'PATH',
    help: 'socket of the Docker Engine (/var/run/docker.sock, or DOCKER_HOST)',
  }),
  noDocker: flag('do not ask a Docker Engine'),
  podmanSocket: value(parseText, '/run/podman/podman.sock', {
    placeholder: 'PATH|none',
    help: "socket of root's Podman; none asks no Podman, users' own neither (/run/podman/podman.sock)",
  }),
  containerdSocket: value(parseText, '/run/containerd/containerd.sock', {
    placeholder: 'PATH|none',
    help: 'socket of containerd (/run/containerd/containerd.sock)',
  }),
  crioSocket: value(parseText, '/run/crio/crio.sock', {
    placeholder: 'PATH|none',
    help: 'socket of CRI-O (/run/crio/crio.sock)',
  }),
  kubeletSocket: value(parseText, '/var/lib/kubelet/pod-resources/kubelet.sock', {
    placeholder: 'PATH|none',
    help: "socket of the kubelet's pod-resources API, which tells what GPUs it gave (/var/lib/kubelet/pod-resources/kubelet.sock)",
  }),
  ownerLabel: value(parseText, 'gpufleet.owner', {
    placeholder: 'KEY',
    help: 'label of a container or pod that names the person it belongs to (gpufleet.owner)',
  }),
  noCommandLines: flag('do not read arguments of processes and containers, which are masked otherwise'),
  noEnvironment: flag('keep no variable of a container: no CUDA version or requirement of its image'),
  kernelLog: value(parseText, 'auto', {
    placeholder: 'auto|none|FILE',
    help: "where Xid errors are read: the kernel's own log, nowhere, or a file of syslog (auto)",
  }),
  caFile: value(parseText, null, {
    placeholder: 'FILE',
    help: "certificate authority of the hub's certificate, PEM",
  }),
  caFingerprint: value(parseFingerprint, null, {
    placeholder: 'sha256:HEX',
    help: "trust just the hub's own authority with this fingerprint",
  }),
  listen: value(parseAddress, null, { placeholder: 'ADDR:PORT', help: 'serve own /metrics there' }),
  noHold: flag('run nvidia-smi for each reading, so that nothing holds a GPU open between two'),
  wake: flag('read GPUs that sleep too, which wakes them'),
  once: flag('take one reading, and end'),
  stdout: flag('print what would be sent to the hub, and send nothing'),
  stateDir: value(parseText, null, {
    placeholder: 'DIR',
    help: 'where host id, credential and spool are kept',
  }),
  upgradeKey: value(parseUpgradeKey, null, {
    placeholder: 'BASE64',
    help: "the hub's public key: upgrades that it signs are taken; something must start this agent again",
  }),
  access: value(parseAccess, null, {
    placeholder: 'LEVEL',
    help: 'what it was installed to read, for the hub to tell: gpu, containers or processes',
  }),
  spoolSize: value(parseBytes, 64 * 2 ** 20, {
    placeholder: 'SIZE',
    help: 'most disk space of reports that wait for the hub (64MiB)',
  }),
};

export interface AgentConfig {
  readonly hubUrl: string | null;
  /** The secret itself or where it is; never both. */
  readonly token: string | null;
  readonly tokenFile: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly labelsFile: string;
  /** Null: not in Kubernetes, or its labels are not wanted. */
  readonly kubernetes: { readonly node: string; readonly patterns: readonly string[] } | null;
  /** The API server as Kubernetes tells a pod; null outside of one. */
  readonly kubernetesApi: Address | null;
  readonly intervalSeconds: number;
  readonly nvidiaSmiPath: string | null;
  /** Null: no engine is asked. */
  readonly dockerSocketPath: string | null;
  /** Null each: it is not asked. */
  readonly enginePaths: {
    readonly podman: string | null;
    readonly containerd: string | null;
    readonly crio: string | null;
    readonly kubelet: string | null;
  };
  readonly ownerLabel: string;
  /** False: arguments of processes and containers are not read. */
  readonly commandLines: boolean;
  /** False: variables of containers are not kept. */
  readonly environment: boolean;
  /** `auto`, a path, or null: it is not read. */
  readonly kernelLog: string | null;
  readonly caFile: string | null;
  /** SHA-256 of the certificate in lower-case hex. */
  readonly caFingerprint: string | null;
  readonly listen: Address | null;
  readonly hold: boolean;
  readonly wake: boolean;
  readonly once: boolean;
  readonly stdout: boolean;
  /** Where to keep state, most wanted first: the first that can be written is used. */
  readonly stateFolders: readonly string[];
  readonly spoolBytes: number;
  /** Ed25519, 32 bytes in base64; null: no upgrade is taken. */
  readonly upgradeKey: string | null;
  readonly access: AccessLevel | null;
}

export type AgentConfigResult =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly faults: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the agent's settings from flags, environment and file; all faults come back together, a line each. */
export function readAgentConfig(
  argv: readonly string[],
  env: Environment,
  readFile: ReadTextFile,
): AgentConfigResult {
  const { file, faults: fileFaults } = readSettingsFile(env, readFile);
  const result = readSettings(settings, { argv, env, file, othersNames: hubSettingNames });
  const faults = [...fileFaults, ...(result.ok ? [] : result.faults)];
  if (result.ok) faults.push(...crossFaults(result.values));
  return faults.length > 0 || !result.ok
    ? { ok: false, faults }
    : { ok: true, config: toConfig(result.values, env) };
}

/** The same with this process's environment and files. */
export function loadAgentConfig(argv: readonly string[]): AgentConfigResult {
  return readAgentConfig(argv, processEnvironment(), (path) => readFileSync(path, 'utf8'));
}

export const agentSettingsHelp = (): string => settingsHelp(settings);

/** For the test that keeps setting-names.ts true. */
export const namesOfAgentSettings = (): readonly string[] => Object.keys(settings);

type AgentValues = Values<typeof settings>;

function crossFaults(values: AgentValues): string[] {
  const faults: string[] = [];
  if (values.hub === null && values.listen === null && !values.stdout) {
    faults.push('--hub: is needed, or --listen to serve metrics, or --once --stdout to print one reading');
  }
  if (values.token !== null && values.tokenFile !== null) faults.push('--token and --token-file: give one');
  if (values.caFile !== null && values.caFingerprint !== null) {
    faults.push('--ca-file and --ca-fingerprint: give one');
  }
  if ((values.caFile !== null || values.caFingerprint !== null) && values.hub?.startsWith('http:')) {
    faults.push(`--hub: "${values.hub}" has no TLS for --ca-file or --ca-fingerprint to check`);
  }
  if (values.upgradeKey !== null && values.stateDir === null) {
    faults.push('--upgrade-key: needs --state-dir, where upgrades are kept');
  }
  return faults;
}

function toConfig(values: AgentValues, env: Environment): AgentConfig {
  return {
    hubUrl: values.stdout ? null : values.hub,
    token: values.token,
    tokenFile: values.tokenFile,
    labels: Object.fromEntries(values.label),
    labelsFile: resolve(values.labelsFile),
    kubernetes:
      values.kubernetesNode === null
        ? null
        : { node: values.kubernetesNode, patterns: values.kubernetesLabel },
    kubernetesApi: kubernetesApiOf(env),
    intervalSeconds: values.interval,
    nvidiaSmiPath: values.nvidiaSmi,
    dockerSocketPath: values.noDocker ? null : (values.dockerSocket ?? dockerSocketOf(env)),
    enginePaths: {
      podman: pathOrNone(values.podmanSocket),
      containerd: pathOrNone(values.containerdSocket),
      crio: pathOrNone(values.crioSocket),
      kubelet: pathOrNone(values.kubeletSocket),
    },
    ownerLabel: values.ownerLabel,
    commandLines: !values.noCommandLines,
    environment: !values.noEnvironment,
    kernelLog: kernelLogOf(values.kernelLog),
    caFile: values.caFile,
    caFingerprint: values.caFingerprint,
    listen: values.listen,
    hold: !values.noHold,
    wake: values.wake,
    once: values.once,
    stdout: values.stdout,
    stateFolders: values.stateDir === null ? usualStateFolders(env) : [resolve(values.stateDir)],
    spoolBytes: values.spoolSize,
    upgradeKey: values.upgradeKey,
    access: values.access,
  };
}

const pathOrNone = (told: string): string | null => (told === 'none' ? null : resolve(told));

/** A name without a slash is a file of this folder, and not a mistyped word: it is told as one that is not there. */
function kernelLogOf(told: string): string | null {
  if (told === 'none') return null;
  return told === 'auto' ? told : resolve(told);
}

/** Only a socket of this machine counts: an engine elsewhere knows nothing of the processes here. */
function dockerSocketOf(env: Environment): string {
  const host = env['DOCKER_HOST'] ?? '';
  return host.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock';
}

function kubernetesApiOf(env: Environment): Address | null {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = Number(env['KUBERNETES_SERVICE_PORT'] ?? 443);
  return host === undefined || !Number.isInteger(port) ? null : { host, port };
}

/** Where an agent keeps its state unless told, most wanted first. */
export function usualStateFolders(env: Environment): string[] {
  const xdg = env['XDG_STATE_HOME'];
  const own = xdg?.startsWith('/') ? xdg : join(homedir(), '.local', 'state');
  return ['/var/lib/gpufleet-agent', join(own, 'gpufleet-agent')];
}

function parseToken(text: string): string {
  const token = text.trim();
  if (!/^gf[ea]_[\w-]{16,256}$/.test(token)) {
    throw new SettingError('is neither an enrolment token (gfe_…) nor a host credential (gfa_…)');
  }
  return token;
}

function parseUpgradeKey(text: string): string {
  const key = text.trim();
  if (!/^[A-Za-z0-9+/]{43}=$/.test(key)) throw new SettingError('is not 32 bytes in base64');
  return key;
}

function parseAccess(text: string): AccessLevel {
  const level = accessLevels.find((known) => known === text);
  if (level === undefined) throw new SettingError(`is none of ${accessLevels.join(', ')}`);
  return level;
}

function parseFingerprint(text: string): string {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new SettingError('is not sha256: and 64 hexadecimal digits');
  return hex;
}
