import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentCode, UpgradeOffer, UpgradeState } from '../../../lib/model/index.ts';
import { createFetcher, hasNoSpace } from './fetcher.ts';
import type { Launch } from './launch.ts';
import { isOffer, readRecord, rolledBack, type UpgradeRecord, upgradeFolder, writeRecord } from './record.ts';
import { isSigned } from './signature.ts';

/** The agent is some hundred KiB. */
const largestBytes = 32 * 2 ** 20;
export interface UpgraderOptions {
  readonly launch: Launch;
  /** GET from the hub; rejects with one line. */
  readonly fetchFile: (path: string, maxBytes: number) => Promise<Buffer>;
  readonly log: (line: string) => void;
  /** Ends this process in good order; what runs the agent starts it again. */
  readonly restart: () => void;
}

/** Changes the agent when its hub asks, and takes the change back unless the hub then takes its reports. */
export interface Upgrader {
  readonly state: Pick<AgentCode, 'sha256' | 'canUpgrade' | 'upgrade'>;
  /** Of the answer to a push. */
  offer(offer: unknown): void;
  /** The hub accepted a report of this process. */
  accepted(): void;
  stop(): void;
}

/** Writes records; gives the error where it cannot, as on a full disk, which is said once. */
function createWriter(
  stateFolder: string,
  log: (line: string) => void,
): (record: UpgradeRecord) => Error | null {
  let said: string | null = null;
  return (record) => {
    try {
      writeRecord(stateFolder, record);
      said = null;
      return null;
    } catch (error) {
      const { message } = error as Error;
      if (message !== said) log(`the record of upgrades cannot be written: ${message}`);
      said = message;
      return error as Error;
    }
  };
}

export function createUpgrader({ launch, fetchFile, log, restart }: UpgraderOptions): Upgrader {
  const { stateFolder, publicKey } = launch;
  let record = readRecord(stateFolder);
  let timer: NodeJS.Timeout | null = null;
  const write = createWriter(stateFolder, log);
  /** `counts: false`: what could not be written is as if it had not been. */
  const keep = (next: UpgradeRecord, { counts = true } = {}): Error | null => {
    const error = write(next);
    if (error === null || counts) record = next;
    return error;
  };
  const refuse = ({ serial, version }: UpgradeOffer, message: string): void => {
    log(`the upgrade to ${version} is refused: ${message}`);
    keep({ ...record, last: { serial, version, state: 'refused', message }, highestSerial: serial });
  };
  const fetcher = createFetcher({
    stateFolder,
    fetchFile,
    log,
    begin(offer) {
      const trial = { offer, startedAtMillis: Date.now(), starts: 0 };
      const begun = { ...record, base: launch.base, trial, highestSerial: offer.serial };
      const unwritten = keep(begun, { counts: false });
      if (unwritten !== null && hasNoSpace(unwritten)) throw unwritten;
      if (unwritten !== null) throw new Error('the record of upgrades cannot be written');
      log(`starting again as version ${offer.version}`);
      restart();
    },
    giveUp: refuse,
  });
  const takeBack = (): void => {
    if (record.trial === null) return;
    const why = `no report was accepted within ${record.trial.offer.trialSeconds} s`;
    log(`the agent ${record.trial.offer.version} goes back to the one before: ${why}`);
    keep(rolledBack(record, why));
    restart();
  };
  if (launch.trial !== null && record.trial !== null) {
    const passedMillis = Date.now() - record.trial.startedAtMillis;
    timer = setTimeout(takeBack, Math.max(0, launch.trial.trialSeconds * 1000 - passedMillis));
  }

  const take = (offer: UpgradeOffer): void => {
    const { serial, version } = offer;
    if (!isSigned(offer, publicKey)) {
      refuse(offer, "it is not signed with this hub's key");
      return;
    }
    if (offer.sizeBytes > largestBytes) {
      refuse(offer, `${offer.sizeBytes} bytes are no agent`);
      return;
    }
    if (offer.sha256 === launch.sha256) {
      const last = { serial, version, state: 'done', message: null } as const;
      keep({ ...record, last, highestSerial: serial });
      return;
    }
    fetcher.fetch(offer);
  };
  return {
    get state() {
      const { sha256 } = launch;
      const { current, message } = fetcher;
      // Begun already, and this process only ends: the trial counts.
      const going = record.trial?.offer ?? current;
      if (going === null) return { sha256, canUpgrade: true, upgrade: record.last };
      const { serial, version } = going;
      const state: UpgradeState = current === null || record.trial !== null ? 'trial' : 'fetching';
      return { sha256, canUpgrade: true, upgrade: { serial, version, state, message } };
    },
    offer(offered) {
      if (!isOffer(offered) || fetcher.current !== null || record.trial !== null) return;
      if (offered.serial > record.highestSerial) take(offered);
    },
    accepted() {
      if (launch.trial === null || record.trial?.offer.sha256 !== launch.sha256) return;
      if (timer !== null) clearTimeout(timer);
      launch.settled();
      const { offer } = record.trial;
      const { serial, version } = offer;
      const before = record.current?.sha256;
      const last = { serial, version, state: 'done', message: null } as const;
      // Else the next report that is accepted tries again: a trial on the disk would be taken back at the next start.
      if (keep({ ...record, current: offer, trial: null, last }, { counts: false }) !== null) return;
      log(`runs as version ${version} from now on`);
      removeOthers(stateFolder, [offer.sha256, before]);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      fetcher.stop();
    },
  };
}

/** The one that runs and the one before stay. */
function removeOthers(stateFolder: string, kept: readonly (string | undefined)[]): void {
  const folder = upgradeFolder(stateFolder);
  for (const name of readdirSync(folder))
    if (name.endsWith('.mjs') && !kept.includes(name.slice(0, -4)))
      rmSync(join(folder, name), { force: true });
}
