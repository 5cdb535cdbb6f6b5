import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts a process's CPU in these. */
const ticksPerSecond = 100;

/** CPU seconds of a process, with all its threads, since it began. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

export const residentBytesOf = (pid: number): number => statusBytes(pid, 'VmRSS');
/** The most that it ever had. */
export const peakBytesOf = (pid: number): number => statusBytes(pid, 'VmHWM');

/** CPU seconds of the threads that a process has now, to the nanosecond: for a process that uses little. */
export function threadSecondsOf(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
