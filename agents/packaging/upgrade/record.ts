import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpgradeOffer, UpgradeState } from '../../../lib/model/index.ts';
import { writeDurably } from '../../report/spool/spool-state.ts';

/** An upgrade that has begun and is not decided. */
export interface Trial {
  readonly offer: UpgradeOffer;
  /** Wall clock, milliseconds. */
  readonly startedAtMillis: number;
  /** How often it was started. */
  readonly starts: number;
}

/** What became of the last offer. */
export interface UpgradeOutcome {
  readonly serial: number;
  readonly version: string;
  readonly state: Extract<UpgradeState, 'done' | 'rolled-back' | 'refused'>;
  readonly message: string | null;
}

/** What an installed agent remembers of its upgrades, in `upgrade/record.json` of its state folder. */
export interface UpgradeRecord {
  /** The installed agent that began the upgrade: what another one was upgraded to counts no more. */
  readonly base: string | null;
  /** The agent that runs instead of the installed one; null: the installed one. */
  readonly current: UpgradeOffer | null;
  readonly trial: Trial | null;
  readonly last: UpgradeOutcome | null;
  /** Of offers taken or refused; none at or below it is taken. */
  readonly highestSerial: number;
}

export const emptyRecord: UpgradeRecord = {
  base: null,
  current: null,
  trial: null,
  last: null,
  highestSerial: 0,
};

export const upgradeFolder = (stateFolder: string): string => join(stateFolder, 'upgrade');
export const agentFile = (stateFolder: string, sha256: string): string =>
  join(upgradeFolder(stateFolder), `${sha256}.mjs`);
const recordFile = (stateFolder: string): string => join(upgradeFolder(stateFolder), 'record.json');

export function isOffer(value: unknown): value is UpgradeOffer {
  if (typeof value !== 'object' || value === null) return false;
  const { serial, version, sha256, sizeBytes, signature, trialSeconds } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(serial) &&
    typeof version === 'string' &&
    /^[\w.+-]{1,64}$/.test(version) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    Number.isSafeInteger(sizeBytes) &&
    typeof signature === 'string' &&
    typeof trialSeconds === 'number' &&
    trialSeconds > 0 &&
    trialSeconds <= 3600
  );
}

/** A record that is missing or damaged is an empty one: then the installed agent runs. */
export function readRecord(stateFolder: string): UpgradeRecord {
  try {
    const value = JSON.parse(readFileSync(recordFile(stateFolder), 'utf8')) as UpgradeRecord;
    const { base, current, trial, last, highestSerial } = value;
    if (current !== null && !isOffer(current)) return emptyRecord;
    if (trial !== null && !(isOffer(trial.offer) && Number.isFinite(trial.startedAtMillis)))
      return emptyRecord;
    return {
      base: base ?? null,
      current,
      trial,
      last: last ?? null,
      highestSerial: Number(highestSerial) || 0,
    };
  } catch {
    return emptyRecord;
  }
}

/** On the disk before it returns. */
export function writeRecord(stateFolder: string, record: UpgradeRecord): void {
  mkdirSync(upgradeFolder(stateFolder), { recursive: true, mode: 0o700 });
  writeDurably(recordFile(stateFolder), `${JSON.stringify(record)}\n`);
}

/** Ends a trial with the agent before it. */
export function rolledBack(record: UpgradeRecord, why: string): UpgradeRecord {
  if (record.trial === null) return record;
  const { serial, version } = record.trial.offer;
  return { ...record, trial: null, last: { serial, version, state: 'rolled-back', message: why } };
}
