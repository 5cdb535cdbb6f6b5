import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGatedAccess } from '../../agents/access/gate.ts';
import type { HostAccess } from '../../agents/access/host-access.ts';
import { createLocalAccess } from '../../agents/access/local/index.ts';
import { beat } from '../../agents/beat.ts';
import { type Collector, createCollector } from '../../agents/collect/index.ts';
import { readMachine } from '../../agents/collect/machine.ts';
import { deferred } from '../../agents/deferred.ts';
import { createDoctorKeeper } from '../../agents/doctor/keeper.ts';
import { openInstalled } from '../../agents/packaging/upgrade/index.ts';
import type { Exporter } from '../../agents/report/exporter/exporter.ts';
import {
  type Agent,
  type ControlServer,
  controlSocketName,
  createAgent,
  createCredentialFile,
  createHubClient,
  createLog,
  createMemorySpool,
  type HubTrust,
  keepPauses,
  keepSmall,
  type Log,
  openDiskSpool,
  openStateFolder,
  type StateFolder,
  StateFolderError,
  serveControl,
} from '../../agents/report/index.ts';
import { createSoftwareKeeper } from '../../agents/software/keeper.ts';
import { type AgentConfig, agentSettingsHelp, loadAgentConfig } from '../../lib/config/agent-config.ts';
import { fileFault } from '../../lib/config/file-fault.ts';
import { mostCaptureBytes, type ReportingHost } from '../../lib/model/index.ts';
import { isControlVerb, runControl } from './agent-control.ts';

const usage = (): string => `Usage: gpufleet agent --hub URL [options]
       gpufleet agent pause [--for 30m] [--reason TEXT]
       gpufleet agent resume

Reads the GPUs, processes, containers and driver of this host, and reports them to the hub.
--once --stdout prints all that would leave the host, and sends nothing. pause has the running agent let go of the GPUs,
so that one can be reset or the driver replaced; resume has it read them again.

${agentSettingsHelp()}
Exit codes: 0 done, 2 bad usage or settings, 3 could not reach or write what it needs.
`;

const complain = (line: string): void => {
  process.stderr.write(`gpufleet agent: ${line}\n`);
};

/** What a pod is given by Kubernetes itself. */
function nodeLabelOptions({ kubernetes, kubernetesApi }: AgentConfig) {
  return kubernetes === null ? null : { ...kubernetes, api: kubernetesApi };
}

/** What stops the start: one line and an exit code. After 2, a wrong setting, nothing starts an installed agent again. */
class StartError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The `agent` verb; resolves to its exit code when the agent was stopped. */
export async function run(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (isControlVerb(word)) return runControl(word, rest);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage());
    return 0;
  }
  const result = loadAgentConfig(argv);
  if (!result.ok) {
    for (const fault of result.faults) complain(fault);
    return 2;
  }
  try {
    return await runAgent(result.config);
  } catch (error) {
    if (error instanceof StartError) complain(error.message);
    else if (error instanceof StateFolderError) complain(error.message);
    else throw error;
    // A disk that is full now may have room later.
    return error instanceof StartError ? error.exitCode : 3;
  }
}

interface Identity {
  /** Null: what is only printed needs none, and this machine may never have been one of a fleet. */
  readonly state: Pick<StateFolder, 'hostId'> | null;
  readonly hostname: string;
  readonly machine: string | null;
}

/** Asked for each push: labels change while the agent runs, and the hub may know the host by another id. */
const reportingHost = (collector: Collector, { state, hostname, machine }: Identity): ReportingHost => ({
  get id() {
    return state?.hostId ?? '00000000-0000-0000-0000-000000000000';
  },
  hostname,
  ...(machine === null ? {} : { machine }),
  get labels() {
    return collector.labels.labels;
  },
  get labelSources() {
    return collector.labels.sources;
  },
});

async function runAgent(config: AgentConfig): Promise<number> {
  const trust = trustOf(config);
  const readToken = tokenReader(config);
  const state = config.stdout ? null : openStateFolder(config.stateFolders);
  const access = createGatedAccess(createLocalAccess(), config.nvidiaSmiPath);
  try {
    const hostname = await access.hostname();
    const machine = await readMachine(access);
    const collector = createCollector(access, {
      intervalSeconds: config.intervalSeconds,
      nvidiaSmiPath: config.nvidiaSmiPath,
      dockerSocketPath: config.dockerSocketPath,
      enginePaths: config.enginePaths,
      ownerLabel: config.ownerLabel,
      commandLines: config.commandLines,
      environment: config.environment,
      kernelLog: config.kernelLog,
      hold: config.hold && !config.once,
      wake: config.wake,
      labels: {
        own: config.labels,
        path: config.labelsFile,
        hostname,
        kubernetes: nodeLabelOptions(config),
      },
    });
    const host = reportingHost(collector, { state, hostname, machine });
    const { hubUrl } = config;
    const log = createLog();
    let exporter: Exporter | null = null;
    const { dockerSocketPath } = config;
    const client = hubUrl === null || state === null ? null : createHubClient(hubUrl, trust);
    const ending = untilEnd();
    const installed = openInstalled(
      config.access,
      client === null ? null : { fetchFile: client.getFile, log, restart: ending.end },
    );
    const doctor = createDoctorKeeper({ access, collector, dockerSocketPath });
    const agent = createAgent({
      collector,
      doctor,
      software: createSoftwareKeeper({ access, collector, dockerSocketPath, onChange: () => doctor.again() }),
      takeCapture: () => captureOf(access, config),
      host,
      spool: state === null ? createMemorySpool(config.spoolBytes) : openSpool(state.path, config.spoolBytes),
      hub:
        hubUrl === null || client === null || state === null
          ? null
          : {
              client,
              credentialStore: createCredentialFile(state.path, hubUrl),
              readToken,
              takeHostId(id) {
                log(`the hub knows this machine already, read over SSH: it stays host ${id}`);
                state.takeHostId(id);
              },
            },
      log,
      code: installed.code,
      onAnswer({ upgrade }) {
        installed.upgrader?.accepted();
        if (upgrade !== undefined) installed.upgrader?.offer(upgrade);
      },
      onReport(report) {
        setImmediate(beat, collector.intervalSeconds);
        exporter?.update(report);
        if (config.stdout && !config.once) process.stdout.write(`${JSON.stringify(report)}\n`);
      },
      onPush: (outcome) => exporter?.notePush(outcome),
      onReady: () => log(`reporting to ${hubUrl} as ${hostname} (${host.id})`),
    });
    if (config.once) return await runOnce(agent, { access, config });
    exporter = await openExporter(config, { host, agent, interval: () => collector.intervalSeconds });
    const control = state === null ? null : await openControl(state.path, collector, log);
    agent.start();
    const letGrow = keepSmall();
    await ending.ended;
    letGrow();
    installed.upgrader?.stop();
    // No report comes any more, and what hangs is waited for no longer than its deadline.
    const beats = setInterval(beat, 500).unref();
    await Promise.all([agent.stop(), access.close(), exporter?.close(), control?.close()]);
    clearInterval(beats);
    return 0;
  } finally {
    await access.close();
    state?.release();
  }
}

/** Loaded only when someone asks for one. */
async function captureOf(
  access: HostAccess,
  { nvidiaSmiPath, dockerSocketPath }: AgentConfig,
): Promise<Buffer> {
  const { takeCapture } = await import('../../agents/capture/take-capture.ts');
  const mostBytes = mostCaptureBytes;
  return (await takeCapture({ access, nvidiaSmiPath, dockerSocketPath, mostBytes })).archive;
}

async function runOnce(
  agent: Agent,
  { access, config }: { access: { close(): Promise<void> }; config: AgentConfig },
): Promise<number> {
  let reached = true;
  if (config.stdout) process.stdout.write(`${JSON.stringify(await agent.preview(), null, 2)}\n`);
  else reached = await agent.once();
  await Promise.all([agent.stop(), access.close()]);
  return reached ? 0 : 3;
}

/** What `agent pause` talks to, and the pause that a killed agent leaves to the next. Without it the agent works all the same. */
async function openControl(
  folder: string,
  { pauses }: Pick<Collector, 'pauses'>,
  log: Log,
): Promise<ControlServer | null> {
  keepPauses(join(folder, 'pause.json'), pauses, log);
  try {
    return await serveControl(join(folder, controlSocketName), pauses);
  } catch (error) {
    log(`cannot be paused on this host: ${(error as Error).message}`);
    return null;
  }
}

function openSpool(folder: string, maxBytes: number): ReturnType<typeof openDiskSpool> {
  const path = join(folder, 'spool');
  try {
    return openDiskSpool({ folder: path, maxBytes });
  } catch (error) {
    throw new StartError(`${path}: ${(error as Error).message}`, 3);
  }
}

function trustOf({ caFile, caFingerprint }: AgentConfig): HubTrust {
  if (caFingerprint !== null) return { kind: 'fingerprint', sha256: caFingerprint };
  if (caFile === null) return { kind: 'system' };
  const pem = readText('--ca-file', caFile);
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new StartError(`--ca-file: ${caFile} holds no PEM certificate`, 2);
  }
  return { kind: 'authority', pem };
}

/** The file is read anew at each need, so that a new token works without a restart. */
function tokenReader({ token, tokenFile }: AgentConfig): () => string | null {
  if (tokenFile === null) return () => token;
  const read = (): string => {
    const text = readText('--token-file', tokenFile).trim();
    if (!/^gf[ea]_[\w-]{16,256}$/.test(text)) {
      throw new StartError(`--token-file: ${tokenFile} holds no token (gfe_… or gfa_…)`, 2);
    }
    return text;
  };
  read();
  return read;
}

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`${flag}: ${path}: ${fileFault(error)}`, 2);
  }
}

interface Exported {
  readonly host: ReportingHost;
  readonly agent: Agent;
  readonly interval: () => number;
}

/** Loaded only where it is asked for: an agent that just pushes does without prom-client's memory. */
async function openExporter(config: AgentConfig, exported: Exported): Promise<Exporter | null> {
  if (config.listen === null) return null;
  const { createExporter } = await import('../../agents/report/exporter/exporter.ts');
  const exporter = createExporter({
    host: exported.host,
    address: config.listen,
    status: () => exported.agent.status,
    reportsTaken: () => exported.agent.reportsTaken,
    intervalSeconds: exported.interval,
  });
  try {
    const port = await exporter.listen();
    process.stderr.write(`gpufleet agent: metrics on ${config.listen.host} port ${port}\n`);
    return exporter;
  } catch (error) {
    throw new StartError(`--listen: ${(error as Error).message}`, 3);
  }
}

/** Until a signal comes, or the agent itself wants to be started again. */
function untilEnd(): { readonly ended: Promise<void>; end(): void } {
  const { promise, resolve } = deferred<void>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
  return { ended: promise, end: () => resolve() };
}
