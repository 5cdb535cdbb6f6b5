import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { UpgradeOffer } from '../../../lib/model/index.ts';
import { agentFile, readRecord, rolledBack, type UpgradeRecord, writeRecord } from './record.ts';
import { fileFault, isSigned } from './signature.ts';

/** How an agent was started, for its upgrader; the launcher leaves it where the agent that it starts finds it. */
export interface Launch {
  readonly stateFolder: string;
  /** The installed agent: the sum of its file, or its version where it is an executable. */
  readonly base: string;
  /** The hub's public key, 32 bytes in base64. */
  readonly publicKey: string;
  /** SHA-256 of the file that runs; null for a single executable as it was installed. */
  readonly sha256: string | null;
  /** What is on trial in this process; null: nothing. */
  readonly trial: UpgradeOffer | null;
  /** The trial is decided: its watchdog is called off. */
  settled(): void;
}

const launchSymbol = Symbol.for('gpufleet.agent.launch');
/** A new agent that ends so often before a report was accepted is given up before its time is over. */
const mostStarts = 4;
/** Its own clock has the first say; an agent that does not even run timers is killed. */
const watchdogGraceSeconds = 5;

export const currentLaunch = (): Launch | null =>
  ((globalThis as Record<symbol, unknown>)[launchSymbol] as Launch | undefined) ?? null;

/** Value of a flag or of its variable, as install.sh writes them: read here without the schema of all settings. */
function setting(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | null {
  const flag = `--${name}`;
  const at = argv.lastIndexOf(flag);
  if (at >= 0) return argv[at + 1] ?? null;
  const joined = argv.findLast((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  return env[`GPUFLEET_${name.replaceAll('-', '_').toUpperCase()}`] ?? null;
}

/** A thread of its own: it fires also while the agent's own thread is busy for ever. */
function startWatchdog(seconds: number): Worker {
  const source =
    "const {workerData}=require('node:worker_threads');setTimeout(()=>process.kill(process.pid,'SIGKILL'),workerData)";
  const worker = new Worker(source, { eval: true, workerData: seconds * 1000 });
  worker.unref();
  worker.on('error', () => undefined);
  return worker;
}

/** A new agent that refuses its settings ends with 2, after which systemd starts nothing again: on trial it is 1. */
function keepRestarting(stateFolder: string): void {
  process.on('exit', (code) => {
    if (code !== 0 && readRecord(stateFolder).trial !== null) process.exitCode = 1;
  });
}

/** Why the trial is over before this start; null: it goes on. */
function overBecause({ trial }: UpgradeRecord, nowMillis: number): string | null {
  if (trial === null) return null;
  const { trialSeconds } = trial.offer;
  const sinceSeconds = (nowMillis - trial.startedAtMillis) / 1000;
  if (trial.starts >= mostStarts) return `it ended ${trial.starts} times before a report was accepted`;
  // Also when the clock was set back: then nobody knows how long it has been.
  if (sinceSeconds < -1 || sinceSeconds >= trialSeconds)
    return `no report was accepted within ${trialSeconds} s`;
  return null;
}

/** Takes back what is over, damaged or not signed by the pinned key. */
function checked(
  { stateFolder, publicKey, base }: Pick<Launch, 'stateFolder' | 'publicKey' | 'base'>,
  nowMillis: number,
): UpgradeRecord {
  const before = readRecord(stateFolder);
  const faultOf = (offer: UpgradeOffer): string | null =>
    isSigned(offer, publicKey) ? fileFault(agentFile(stateFolder, offer.sha256), offer) : 'it is not signed';
  const isAnothers = (before.current ?? before.trial) !== null && before.base !== base;
  let record: UpgradeRecord = isAnothers ? { ...before, current: null, trial: null } : before;
  if (record.trial !== null) {
    const why = overBecause(record, nowMillis) ?? faultOf(record.trial.offer);
    if (why !== null) record = rolledBack(record, why);
  }
  if (record.current !== null) {
    const why = faultOf(record.current);
    if (why !== null) {
      const { serial, version } = record.current;
      record = { ...record, current: null, last: { serial, version, state: 'rolled-back', message: why } };
    }
  }
  if (record !== before) writeRecord(stateFolder, record);
  return record;
}

function ownSum(ownFile: string | null): string | null {
  try {
    return ownFile === null ? null : createHash('sha256').update(readFileSync(ownFile)).digest('hex');
  } catch {
    return null;
  }
}

export interface LaunchOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The installed agent's own file; null for a single executable. */
  readonly ownFile: string | null;
  readonly version: string;
}

/**
 * Decides which agent this process is: the installed one (null), or the path of one that it was upgraded to. This is
 * the installed agent's code, so that a new one that cannot start is still taken back. Never throws.
 */
export function launch({ argv, env, ownFile, version }: LaunchOptions): string | null {
  if (currentLaunch() !== null) return null;
  const stateFolder = setting(argv, env, 'state-dir');
  const publicKey = setting(argv, env, 'upgrade-key');
  if (stateFolder === null || publicKey === null) return null;
  try {
    const sum = ownSum(ownFile);
    const base = sum ?? `executable ${version}`;
    const record = checked({ stateFolder, publicKey, base }, Date.now());
    const { trial } = record;
    const offer = trial?.offer ?? record.current;
    let watchdog: Worker | null = null;
    if (trial !== null) {
      writeRecord(stateFolder, { ...record, trial: { ...trial, starts: trial.starts + 1 } });
      const passedSeconds = (Date.now() - trial.startedAtMillis) / 1000;
      keepRestarting(stateFolder);
      watchdog = startWatchdog(Math.max(1, trial.offer.trialSeconds - passedSeconds) + watchdogGraceSeconds);
    }
    const found: Launch = {
      stateFolder,
      base,
      publicKey,
      sha256: offer?.sha256 ?? sum,
      trial: trial?.offer ?? null,
      settled: () => void watchdog?.terminate(),
    };
    Reflect.set(globalThis, launchSymbol, found);
    return offer === null ? null : agentFile(stateFolder, offer.sha256);
  } catch (error) {
    // A state folder that cannot be written: the agent itself says so better.
    process.stderr.write(`gpufleet agent: upgrades are off: ${(error as Error).message}\n`);
    return null;
  }
}

/** What the installed agent does when the chosen one could not even be loaded: it is taken back at once. */
export function notLoaded(why: string): void {
  const found = currentLaunch();
  if (found === null) return;
  const record = readRecord(found.stateFolder);
  const back =
    record.trial === null
      ? { ...record, current: null }
      : rolledBack(record, `it could not be loaded: ${why}`.slice(0, 500));
  writeRecord(found.stateFolder, back);
}
