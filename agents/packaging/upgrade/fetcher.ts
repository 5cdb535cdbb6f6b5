import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { UpgradeOffer } from '../../../lib/model/index.ts';
import { writeDurably } from '../../report/spool/spool-state.ts';
import { agentFile, upgradeFolder } from './record.ts';

/** A fetch that failed is tried again with a later offer, so often. */
const mostFetches = 3;
/** On a full disk it is tried for as long as it is wanted, ever more seldom: room comes by itself or by a person. */
const firstWaitMillis = 30_000;
const longestWaitMillis = 600_000;
const diskFull = 'disk full: it is tried again by itself';

export const hasNoSpace = (error: unknown): boolean =>
  error instanceof Error && ['ENOSPC', 'EDQUOT'].includes(String(Reflect.get(error, 'code')));

export interface FetcherOptions {
  readonly stateFolder: string;
  /** GET from the hub; rejects with one line. */
  readonly fetchFile: (path: string, maxBytes: number) => Promise<Buffer>;
  readonly log: (line: string) => void;
  /** The file is there; throws where the trial cannot begin. */
  readonly begin: (offer: UpgradeOffer) => void;
  /** It failed too often. */
  readonly giveUp: (offer: UpgradeOffer, message: string) => void;
}

/** Fetches the file of an offer into the state folder, one at a time. */
export interface Fetcher {
  /** What is being fetched, or waits for room; null: nothing. */
  readonly current: UpgradeOffer | null;
  /** What holds it up; null: nothing. */
  readonly message: string | null;
  fetch(offer: UpgradeOffer): void;
  stop(): void;
}

async function fetchFileOf(offer: UpgradeOffer, { stateFolder, fetchFile }: FetcherOptions): Promise<void> {
  const bytes = await fetchFile(`/agent/files/${offer.sha256}.mjs`, offer.sizeBytes);
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== offer.sha256) throw new Error('what came is not the file that was signed');
  mkdirSync(upgradeFolder(stateFolder), { recursive: true, mode: 0o700 });
  writeDurably(agentFile(stateFolder, offer.sha256), bytes);
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const { log, begin, giveUp } = options;
  let current: UpgradeOffer | null = null;
  let failures = 0;
  /** Of the last wait for room; null: there is room, as far as is known. */
  let waitMillis: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  const failed = (offer: UpgradeOffer, error: Error): void => {
    log(`the agent ${offer.version} could not be fetched: ${error.message}`);
    if (hasNoSpace(error)) {
      waitMillis = Math.min(longestWaitMillis, waitMillis === null ? firstWaitMillis : waitMillis * 2);
      timer = setTimeout(() => attempt(offer), waitMillis);
      return;
    }
    current = null;
    waitMillis = null;
    failures += 1;
    if (failures >= mostFetches) giveUp(offer, error.message);
  };
  const attempt = (offer: UpgradeOffer): void => {
    timer = null;
    fetchFileOf(offer, options)
      .then(() => begin(offer))
      .catch((error: Error) => failed(offer, error));
  };
  return {
    get current() {
      return current;
    },
    get message() {
      return waitMillis === null ? null : diskFull;
    },
    fetch(offer) {
      current = offer;
      attempt(offer);
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
