import { gunzipSync } from 'node:zlib';
import type { Spool } from '../spool/index.ts';
import type { OutgoingReport } from './body.ts';
import { pack } from './pack.ts';

/** What is to be sent: the newest report in memory, all before it in the spool. */
export interface Outbox {
  /** A new report; the one before it, if still here, goes to the spool. */
  put(report: OutgoingReport): void;
  /** The newest first, then the oldest of the backlog, at most `count` and about 2 MiB. Stays here until settled. */
  take(count: number): readonly OutgoingReport[];
  /** At the hub. */
  settle(sequences: readonly number[]): void;
  /** Refused for good: gone, and counted. */
  drop(sequences: readonly number[]): void;
  /** What is only in memory goes to the spool. */
  flush(): void;
  readonly isEmpty: boolean;
  readonly backlogReports: number;
}

const mostTextPerPush = 2 * 1024 * 1024;

export function createOutbox(spool: Spool): Outbox {
  /** When reports of this process were taken; those of one before are not here, and have no age. */
  const takenSeconds = new Map<number, number | null>();
  let newest: OutgoingReport | null = null;
  const store = (report: OutgoingReport): void => {
    spool.append({ sequence: report.sequence, payload: pack(report.json) });
    takenSeconds.set(report.sequence, report.takenSeconds);
    trim();
  };
  /** The spool drops the oldest by itself when it is full. */
  const trim = (): void => {
    const surplus = takenSeconds.size - spool.stats.reports;
    for (const sequence of [...takenSeconds.keys()].sort((a, b) => a - b).slice(0, Math.max(0, surplus))) {
      takenSeconds.delete(sequence);
    }
  };
  const flush = (): void => {
    if (newest !== null) store(newest);
    newest = null;
  };
  const forget = (sequences: readonly number[]): void => {
    if (newest !== null && sequences.includes(newest.sequence)) newest = null;
    for (const sequence of sequences) takenSeconds.delete(sequence);
  };
  return {
    put(report) {
      flush();
      newest = report;
    },
    take(count) {
      const taken: OutgoingReport[] = [];
      let text = 0;
      const add = (report: OutgoingReport): void => {
        text += report.json.length;
        if (taken.length === 0 || text <= mostTextPerPush) taken.push(report);
      };
      const head = newest === null ? spool.newest() : null;
      if (newest !== null) add(newest);
      for (const { sequence, payload } of [...(head === null ? [] : [head]), ...spool.oldest(count)]) {
        if (taken.length >= count || text > mostTextPerPush) break;
        if (taken.some((report) => report.sequence === sequence)) continue;
        const json = textOf(payload);
        if (json === null) spool.drop([sequence]);
        else add({ sequence, json, takenSeconds: takenSeconds.get(sequence) ?? null });
      }
      return taken;
    },
    settle(sequences) {
      forget(sequences);
      spool.acknowledge(sequences);
    },
    drop(sequences) {
      forget(sequences);
      spool.drop(sequences);
    },
    flush,
    get isEmpty() {
      return newest === null && spool.stats.reports === 0;
    },
    get backlogReports() {
      return spool.stats.reports;
    },
  };
}

function textOf(payload: Buffer): string | null {
  try {
    return gunzipSync(payload).toString('utf8');
  } catch {
    return null;
  }
}
