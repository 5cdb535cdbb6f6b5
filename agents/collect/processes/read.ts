import { parseCgroup } from '../../../lib/host-facts/index.ts';
import type { ProcessOwner } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { fileOutcome } from '../failures.ts';
import type { Outcome } from '../source.ts';

const limits = { maxBytes: 64 * 1024, deadlineSeconds: 1 };

/** Kernel ticks since boot at which the process started: with its pid, its identity. Null when it is gone. */
export async function readStartTime(access: HostAccess, pid: number): Promise<string | null> {
  const stat = await access.readFile(`/proc/${pid}/stat`, limits);
  return stat.outcome === 'read' ? parseStartTime(stat.text) : null;
}

/** Field 22 of /proc/PID/stat; the name, field 2, may hold spaces and brackets. */
export function parseStartTime(stat: string): string | null {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return afterName[19] ?? null;
}

export async function readOwner(access: HostAccess, pid: number): Promise<Outcome<ProcessOwner>> {
  const outcome = fileOutcome(await access.readFile(`/proc/${pid}/cgroup`, limits));
  return outcome.state === 'ok' ? { state: 'ok', value: parseCgroup(outcome.value) } : outcome;
}
