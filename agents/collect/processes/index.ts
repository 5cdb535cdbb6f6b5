import type { Failure, ProcessOwner } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { concurrently } from '../concurrently.ts';
import type { Outcome, Source } from '../source.ts';
import { readOwner, readStartTime } from './read.ts';

export interface Processes {
  /** Looks up those that are new, and looks whether a known pid is still the same process. */
  refresh(pids: readonly number[]): Promise<void>;
  /** Null: not looked up, gone, or not permitted. */
  ownerOf(pid: number): ProcessOwner | null;
  /** Tells a process from a later one with the same pid; null where it is not known. */
  identityOf(pid: number): string | null;
}

interface Known {
  readonly startTime: string;
  readonly owner: ProcessOwner;
}

const lookupsAtOnce = 16;

/** Who the processes on the GPUs belong to. */
export function createProcesses(access: HostAccess, source: Source): Processes {
  let known: ReadonlyMap<number, Known> = new Map();
  const lookUp = async (pid: number): Promise<Outcome<Known>> => {
    const startTime = await readStartTime(access, pid);
    if (startTime === null) return { state: 'absent', failure: null };
    const before = known.get(pid);
    if (before?.startTime === startTime) return { state: 'ok', value: before };
    const owner = await readOwner(access, pid);
    if (owner.state !== 'ok') return owner;
    // The pid may have been given to another process between the two reads.
    const isSame = (await readStartTime(access, pid)) === startTime;
    return isSame
      ? { state: 'ok', value: { startTime, owner: owner.value } }
      : { state: 'absent', failure: null };
  };
  const lookUpAll = async (pids: readonly number[]): Promise<Outcome<null>> => {
    const found = new Map<number, Known>();
    let failure: Failure | null = null;
    await concurrently([...new Set(pids)], lookupsAtOnce, async (pid) => {
      const outcome = await lookUp(pid);
      if (outcome.state === 'ok') found.set(pid, outcome.value);
      else failure = outcome.failure ?? failure;
    });
    known = found;
    return failure === null ? { state: 'ok', value: null } : { state: 'failed', failure };
  };
  return {
    async refresh(pids) {
      if (pids.length === 0) known = new Map();
      else await source.measure('/proc/PID/cgroup', () => lookUpAll(pids));
    },
    ownerOf: (pid) => known.get(pid)?.owner ?? null,
    identityOf(pid) {
      const startTime = known.get(pid)?.startTime;
      return startTime === undefined ? null : `${pid}:${startTime}`;
    },
  };
}
