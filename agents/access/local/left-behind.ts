import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type ProcessStat, parseProcessStat } from '../../../lib/host-facts/index.ts';

/** Children of an earlier process of ours that not even SIGKILL ends. */
export interface LeftBehind {
  /** Those of this program that are still there. */
  stuck(program: string): readonly number[];
  readonly all: readonly number[];
}

interface Orphan extends ProcessStat {
  readonly pid: number;
}

/** The kernel keeps so much of a program's name. */
const mostNameCharacters = 15;
/** Who takes over the children of a process that ended: init, or a nearer one that gathers orphans. */
const gatherers =
  /^(?:systemd|containerd-shim|conmon|docker-init|dumb-init|tini|catatonit|init|runit|s6-svscan)/;

const nameOf = (pid: number): string =>
  parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.name ?? '';

/** An orphan in uninterruptible sleep that leads a process group, as each child of ours does; null: it is none, or gone. */
function orphanOf(pid: number): Orphan | null {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return null;
    const stat = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (stat?.state !== 'D' || stat.groupId !== pid) return null;
    const isOrphan = stat.parentPid === 1 || gatherers.test(nameOf(stat.parentPid));
    return isOrphan ? { ...stat, pid } : null;
  } catch {
    return null;
  }
}

/** Looks once, and at those alone again whenever asked: who slept for a moment only is let go. */
export function findLeftBehind(): LeftBehind {
  let orphans: readonly Orphan[] = pids().flatMap((pid) => orphanOf(pid) ?? []);
  const still = (): readonly Orphan[] => {
    orphans = orphans.filter(({ pid, startTicks }) => orphanOf(pid)?.startTicks === startTicks);
    return orphans;
  };
  return {
    stuck(program) {
      if (orphans.length === 0) return [];
      const name = basename(program).slice(0, mostNameCharacters);
      return still().flatMap((orphan) => (orphan.name === name ? [orphan.pid] : []));
    },
    get all() {
      return still().map(({ pid }) => pid);
    },
  };
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}
