import type { XidCount } from '../model/index.ts';
import type { XidEvent } from './kernel-log.ts';

const mostEntries = 1000;

/** Counts Xids: one entry for each GPU and number, so that a flood of them takes no more room than one. */
export interface XidTally {
  /**
   * `at` is when it came, ISO 8601; null where nobody knows. `isEarlier`: it came before all that were added yet. Null
   * when there is no room for another entry.
   */
  add(event: XidEvent, at: string | null, isEarlier?: boolean): XidCount | null;
  /** The uuid of the GPU at an address, when the log names it. */
  name(pciBusId: string, uuid: string): void;
  readonly counts: readonly XidCount[];
  /** Events of entries past the most that are kept (1000). */
  readonly leftOut: number;
}

/** Of two times in ISO 8601; null is not known. */
export const earlier = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b < a) ? b : a;

export function createXidTally(): XidTally {
  const counts = new Map<string, XidCount>();
  const names = new Map<string, string>();
  let leftOut = 0;
  return {
    add(event, at, isEarlier = false) {
      const key = `${event.pciBusId} ${event.xid}`;
      const before = counts.get(key);
      if (before === undefined && counts.size >= mostEntries) {
        leftOut += event.times;
        return null;
      }
      const { xid, pciBusId, text, pid, processName } = event;
      const said = { lastText: text, lastPid: pid, lastProcessName: processName };
      const count: XidCount =
        before !== undefined && isEarlier
          ? { ...before, count: before.count + event.times, firstAt: earlier(before.firstAt, at) }
          : {
              xid,
              pciBusId,
              gpuUuid: null,
              count: (before?.count ?? 0) + event.times,
              firstAt: before?.firstAt ?? at,
              lastAt: at ?? before?.lastAt ?? null,
              ...said,
            };
      counts.set(key, count);
      return count;
    },
    name(pciBusId, uuid) {
      if (names.size < mostEntries) names.set(pciBusId, uuid);
    },
    get counts() {
      return [...counts.values()].map((count) => ({ ...count, gpuUuid: names.get(count.pciBusId) ?? null }));
    },
    get leftOut() {
      return leftOut;
    },
  };
}
