/** What /proc/PID/stat says of a process. */
export interface ProcessStat {
  /** The program's name as the kernel keeps it: at most 15 characters. */
  readonly name: string;
  /** One letter: R, S, D (uninterruptible sleep), Z, … */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  /** Kernel ticks since boot at which it started: with the pid, its identity. */
  readonly startTicks: string;
}

/** Field 22 of proc_pid_stat(5), counted after the name. */
const startTicksAt = 19;

/** Reads /proc/PID/stat; the name, field 2, may hold spaces and brackets. Null: it is none, or cut. Never throws. */
export function parseProcessStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const [state = '', parent, group] = fields;
  const startTicks = fields[startTicksAt];
  if (end < 0 || startTicks === undefined || !/^\d+\s*$/.test(startTicks)) return null;
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state,
    parentPid: Number(parent),
    groupId: Number(group),
    startTicks: startTicks.trim(),
  };
}
