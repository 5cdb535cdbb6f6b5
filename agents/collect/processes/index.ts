import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, systemClock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import type { Outcome, Source } from '../source.ts';
import { type ProcessFacts, readProcess, readStartTime } from './read.ts';
import { createUsers, type Users } from './users.ts';

export interface Processes {
  /** Looks up those that are new, and looks whether a known pid is still the same process. */
  refresh(pids: readonly number[]): Promise<void>;
  /** Null: not looked up, gone, or not permitted. */
  factsOf(pid: number): ProcessFacts | null;
  /** Tells a process from a later one with the same pid; null where it is not known. */
  identityOf(pid: number): string | null;
  /** Name of a user that one of the processes has; null when the host has none. */
  userName(uid: number): string | null;
}

interface Known {
  readonly startTime: string;
  readonly facts: ProcessFacts;
}

export interface ProcessesOptions {
  readonly access: HostAccess;
  readonly source: Source;
  readonly clock?: Clock;
  /** False: arguments of processes are not read. */
  readonly commandLines?: boolean;
  /** False: names of users are not looked up. */
  readonly people?: boolean;
}

const lookupsAtOnce = 16;
const longestWaitMilliseconds = 500;

/** Who the processes on the GPUs belong to. */
export function createProcesses(options: ProcessesOptions): Processes {
  const { access, source, clock = systemClock, commandLines = true, people = true } = options;
  const users: Users = createUsers(access, clock);
  let known: ReadonlyMap<number, Known> = new Map();
  const lookUp = async (pid: number): Promise<Outcome<Known>> => {
    const startTime = await readStartTime(access, pid);
    if (startTime === null) return { state: 'absent', failure: null };
    const before = known.get(pid);
    if (before?.startTime === startTime) return { state: 'ok', value: before };
    const facts = await readProcess(access, pid, commandLines);
    if (facts.state !== 'ok') return facts;
    // The pid may have been given to another process between the two reads.
    const isSame = (await readStartTime(access, pid)) === startTime;
    return isSame
      ? { state: 'ok', value: { startTime, facts: facts.value } }
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
  const nameUsers = async (): Promise<void> => {
    const uids = [...known.values()].flatMap(({ facts }) => [facts.uid, facts.cgroupUid]);
    const named = [...new Set(uids.filter((uid) => uid !== null))];
    await concurrently(named, 4, async (uid) => {
      await users.nameOf(uid);
    });
  };
  return {
    async refresh(pids) {
      if (pids.length === 0) known = new Map();
      else await source.measure('/proc/PID/cgroup', () => lookUpAll(pids));
      // A directory that does not answer keeps nobody waiting: its names come with a later report.
      if (people)
        await Promise.race([nameUsers(), delay(longestWaitMilliseconds, undefined, { ref: false })]);
    },
    factsOf: (pid) => known.get(pid)?.facts ?? null,
    userName: users.knownName,
    identityOf(pid) {
      const startTime = known.get(pid)?.startTime;
      return startTime === undefined ? null : `${pid}:${startTime}`;
    },
  };
}
