import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A player's own processes, by its control file on their command line, and all that have a file of its folder open. */
export function playersAt(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => holds(pid, folder));
}

function holds(pid: number, folder: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/player.json`)) return true;
    return openFilesOf(pid).some((path) => path.startsWith(folder));
  } catch {
    return false;
  }
}

/** What a process has open; throws when it is gone. */
export function openFilesOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
}
