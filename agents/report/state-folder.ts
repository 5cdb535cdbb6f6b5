import { randomUUID } from 'node:crypto';
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../../lib/config/private-folder.ts';
import { parseProcessStat } from '../../lib/host-facts/index.ts';
import { writeDurably } from './spool/spool-state.ts';

/** Where the agent keeps what must outlive it; held by one agent at a time. */
export interface StateFolder {
  readonly path: string;
  /** UUID generated at the first start here, or taken from the hub. */
  readonly hostId: string;
  /** From now on, and for each later start. Throws where it cannot be written. */
  takeHostId(id: string): void;
  release(): void;
}

/** One line that says what and where. */
export class StateFolderError extends Error {}

/** Opens the first of the folders that can be written. Throws StateFolderError. */
export function openStateFolder(candidates: readonly string[]): StateFolder {
  const path = firstWritable(candidates);
  const lockPath = join(path, 'lock');
  lock(lockPath, path);
  try {
    let hostId = hostIdIn(path);
    return {
      path,
      get hostId() {
        return hostId;
      },
      takeHostId(id) {
        writeHostId(path, id);
        hostId = id;
      },
      release: () => rmSync(lockPath, { force: true }),
    };
  } catch (error) {
    rmSync(lockPath, { force: true });
    throw error;
  }
}

function firstWritable(candidates: readonly string[]): string {
  const faults: string[] = [];
  for (const path of candidates) {
    try {
      makePrivateFolder(path);
      accessSync(path, constants.W_OK | constants.X_OK);
      return path;
    } catch (error) {
      faults.push(`${path} (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  throw new StateFolderError(
    `no folder to keep state in can be written: ${faults.join(', ')}; give --state-dir`,
  );
}

/** A lock file with the process that holds it; one that is gone, or whose pid is another process now, holds nothing. */
function lock(lockPath: string, folder: string): void {
  const mine = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(lockPath, mine, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new StateFolderError(`${lockPath}: ${message}`);
    }
    const holder = holderOf(lockPath);
    if (holder !== null) {
      const advice = 'stop it, or give this one another --state-dir';
      throw new StateFolderError(`another agent (pid ${holder}) uses ${folder}: ${advice}`);
    }
    rmSync(lockPath, { force: true });
  }
  throw new StateFolderError(`${lockPath} cannot be taken: another agent is starting`);
}

function holderOf(lockPath: string): number | null {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(lockPath, 'utf8')) as Record<string, unknown>;
    if (typeof pid !== 'number') return null;
    return startTimeOf(pid) === startTime && startTime !== null ? pid : null;
  } catch {
    return null;
  }
}

/** When it started, in kernel ticks: with the pid, a process's identity. Null when there is none. */
function startTimeOf(pid: number): string | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTicks ?? null;
  } catch {
    return null;
  }
}

const hostFile = (folder: string): string => join(folder, 'host.json');
const writeHostId = (folder: string, id: string): void =>
  writeDurably(hostFile(folder), `${JSON.stringify({ id })}\n`);

function hostIdIn(folder: string): string {
  const path = hostFile(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new StateFolderError(`${path}: ${message}`);
    const id = randomUUID();
    writeHostId(folder, id);
    return id;
  }
  try {
    const { id } = JSON.parse(text) as Record<string, unknown>;
    if (typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return id;
  } catch {
    // Said below, as for a file that is JSON and holds no id.
  }
  throw new StateFolderError(`${path} holds no host id; without the file this host gets a new one`);
}
