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

/** Bytes that no other process shares: what the machine would get back if it ended. */
export function privateBytesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map((match) =>
    Number(match[1]),
  );
  return kilobytes.reduce((sum, each) => sum + each, 0) * 1024;
}

const statOf = (pid: number): readonly string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

/** CPU seconds of all that a process started: of what ended, as the kernel keeps it, and of what runs now. */
export function childrenSecondsOf(pid: number): number {
  const stat = statOf(pid);
  const ended = (Number(stat[13]) + Number(stat[14])) / ticksPerSecond;
  const running = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .reduce((sum, each) => {
      try {
        return Number(statOf(each)[1]) === pid ? sum + threadSecondsOf(each) + childrenSecondsOf(each) : sum;
      } catch {
        // It ended meanwhile, and is counted with those by the next look.
        return sum;
      }
    }, 0);
  return ended + running;
}
