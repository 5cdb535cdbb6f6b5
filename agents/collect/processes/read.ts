import {
  parseCgroup,
  parseCgroupUser,
  parseMountinfo,
  parseProcessStat,
  parseProcessStatus,
} from '../../../lib/host-facts/index.ts';
import { maskedCommand } from '../../../lib/masking/index.ts';
import type { ProcessOwner } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { fileOutcome } from '../failures.ts';
import type { Outcome } from '../source.ts';

const limits = { maxBytes: 64 * 1024, deadlineSeconds: 1 };
const mountLimits = { maxBytes: 1024 * 1024, deadlineSeconds: 1 };

/** What the host tells of one process. */
export interface ProcessFacts {
  readonly owner: ProcessOwner;
  /** Real user id; null when not readable. */
  readonly uid: number | null;
  /** The user whose job or login its cgroup names. */
  readonly cgroupUid: number | null;
  /** Text of /proc/PID/cgroup, for whoever looks up a controller's path. */
  readonly cgroup: string;
  readonly command: string | null;
}

/** Kernel ticks since boot at which the process started: with its pid, its identity. Null when it is gone. */
export async function readStartTime(access: HostAccess, pid: number): Promise<string | null> {
  const stat = await access.readFile(`/proc/${pid}/stat`, limits);
  return stat.outcome === 'read' ? (parseProcessStat(stat.text)?.startTicks ?? null) : null;
}

/** Never rejects. @param wantsCommand false: its arguments are not looked at. */
export async function readProcess(
  access: HostAccess,
  pid: number,
  wantsCommand: boolean,
): Promise<Outcome<ProcessFacts>> {
  const read = (name: string) => access.readFile(`/proc/${pid}/${name}`, limits);
  const cgroup = fileOutcome(await read('cgroup'));
  if (cgroup.state !== 'ok') return cgroup;
  const [status, line] = await Promise.all([read('status'), wantsCommand ? read('cmdline') : null]);
  return {
    state: 'ok',
    value: {
      owner: await ownerOf(access, pid, cgroup.value),
      uid: status.outcome === 'read' ? parseProcessStatus(status.text).uid : null,
      cgroupUid: parseCgroupUser(cgroup.value),
      cgroup: cgroup.value,
      command: line?.outcome === 'read' ? maskedCommand(argumentsOf(line.text)) : null,
    },
  };
}

const argumentsOf = (text: string): string[] => text.replace(/\0+$/, '').split('\0');

/** A path that a cgroup namespace hides tells nothing; the mounts of the process still name its container. */
async function ownerOf(access: HostAccess, pid: number, cgroup: string): Promise<ProcessOwner> {
  const owner = parseCgroup(cgroup);
  const isTold = owner.runtime !== null && owner.runtime !== 'unknown';
  if (isTold || owner.containerId !== null) return owner;
  const mounts = await access.readFile(`/proc/${pid}/mountinfo`, mountLimits);
  if (mounts.outcome !== 'read') return owner;
  const told = parseMountinfo(mounts.text).owner;
  return told.containerId !== null || told.podUid !== null ? told : owner;
}
