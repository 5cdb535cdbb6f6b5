import { eachLine } from '../model/index.ts';

export interface ListedProcess {
  readonly pid: number;
  readonly parentPid: number | null;
  /** First letter of the state: `R`, `S`, `D` (uninterruptible), `Z`, `I` …; null when the list has no such column. */
  readonly state: string | null;
  readonly user: string | null;
  readonly residentBytes: number | null;
  readonly command: string;
}

/** What `ps` printed. */
export interface ProcessList {
  readonly processes: readonly ListedProcess[];
  /** Those that no signal reaches now and that run a program of NVIDIA's: the driver hangs. */
  readonly hungPids: readonly number[];
  /** Lines that are no process. */
  readonly unreadLines: number;
}

type Column = 'pid' | 'parent' | 'state' | 'user' | 'resident' | 'command' | 'other';

const columnOf: ReadonlyMap<string, Column> = new Map([
  ['PID', 'pid'],
  ['PPID', 'parent'],
  ['S', 'state'],
  ['STAT', 'state'],
  ['STATE', 'state'],
  ['USER', 'user'],
  ['UID', 'user'],
  ['RUSER', 'user'],
  ['RSS', 'resident'],
  ['CMD', 'command'],
  ['COMMAND', 'command'],
  ['ARGS', 'command'],
]);

/** `ps -eo state,rss,pid,cmd` without its head, as monitors ask for it. */
const headless: readonly Column[] = ['state', 'resident', 'pid', 'command'];
const headlessLine = /^[RSDZTtWXxKPI][<NLsl+]{0,6}\s+\d{1,12}\s+\d{1,10}\s+\S/;
const mostProcesses = 20_000;
const longestText = 8 * 1024 * 1024;
const longestCommand = 4096;
const ofNvidia = /(?:^|\/|\[)nv(?:idia|-)[\w-]*/;

/** The columns that a head names; null when it is none of ps. */
function columnsOf(head: string): readonly Column[] | null {
  const names = head.trim().split(/\s+/, 40);
  const columns = names.map((name) => columnOf.get(name) ?? 'other');
  return columns.includes('pid') && columns.at(-1) === 'command' ? columns : null;
}

/** Whether the first line is the head of a list of processes, or one of them in the form without a head. */
export const isProcessList = (firstLine: string): boolean =>
  columnsOf(firstLine.slice(0, 1000)) !== null || headlessLine.test(firstLine.slice(0, 1000));

/** Reads what ps printed, by its head. Never throws. */
export function parseProcessList(text: string): ProcessList {
  let columns: readonly Column[] | null = null;
  const processes: ListedProcess[] = [];
  let unreadLines = 0;
  for (const { text: line } of eachLine(text.slice(0, longestText))) {
    if (line.trim() === '' || processes.length >= mostProcesses) continue;
    if (columns === null) {
      const named = columnsOf(line.slice(0, 1000));
      columns = named ?? headless;
      if (named !== null) continue;
    }
    const process = processOf(line, columns);
    if (process === null) unreadLines += 1;
    else processes.push(process);
  }
  const isHung = ({ state, command }: ListedProcess): boolean => state === 'D' && ofNvidia.test(command);
  return { processes, hungPids: processes.filter(isHung).map(({ pid }) => pid), unreadLines };
}

/** Words by column; what is left is the command, with its blanks. */
function processOf(line: string, columns: readonly Column[]): ListedProcess | null {
  const told = new Map<Column, string>();
  let rest = line.trimStart();
  for (const column of columns.slice(0, -1)) {
    const end = rest.search(/\s/);
    if (end < 0) return null;
    told.set(column, rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  const pid = whole(told.get('pid'));
  if (pid === null || rest === '') return null;
  const residentKibibytes = whole(told.get('resident'));
  return {
    pid,
    parentPid: whole(told.get('parent')),
    state: told.get('state')?.slice(0, 1) ?? null,
    user: told.get('user')?.slice(0, 256) ?? null,
    residentBytes: residentKibibytes === null ? null : residentKibibytes * 1024,
    command: rest.trimEnd().slice(0, longestCommand),
  };
}

const whole = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
