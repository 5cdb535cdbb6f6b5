import type { ProcessOwner } from '../model/index.ts';
import {
  containerForms,
  holdingUnit,
  loginUser,
  podForm,
  podmanScope,
  slurmJob,
  slurmRoot,
  slurmUser,
  systemdUnit,
  userSlice,
} from './cgroup-forms.ts';

const nobody: ProcessOwner = {
  runtime: null,
  containerId: null,
  podUid: null,
  slurmJobId: null,
  unit: null,
};
const longestText = 262_144;
const longestPath = 4096;

/**
 * Reads /proc/PID/cgroup, v1 and v2, as seen from the host: who the process belongs to. Of several lines the one
 * that tells most decides. `runtime` null is a process of the host itself. Never throws.
 */
export function parseCgroup(text: string): ProcessOwner {
  let best = nobody;
  let slurmJobId: string | null = null;
  for (const path of pathsOf(text.slice(0, longestText))) {
    const owner = ownerOf(path);
    slurmJobId ??= owner.slurmJobId;
    if (weight(owner) > weight(best)) best = owner;
  }
  return best.slurmJobId === slurmJobId ? best : { ...best, slurmJobId };
}

/** The user whose job or login the process is in, where its cgroup names one. Never throws. */
export function parseCgroupUser(text: string): number | null {
  const paths = pathsOf(text.slice(0, longestText)).map((path) => path.split('/'));
  const inSlurm = paths.filter((segments) => segments.some((segment) => slurmRoot.test(segment)));
  for (const [all, form] of [[inSlurm, slurmUser] as const, [paths, loginUser] as const])
    for (const segments of all) {
      const uid = lastMatch(segments, form);
      if (uid !== null) return Number(uid);
    }
  return null;
}

/**
 * Where a cgroup v1 controller keeps the process, below its mount: `/docker/…` for `devices`; the path of v2 for
 * `unified`. Null where no line has it. Never throws.
 */
export function cgroupPathOf(text: string, controller: string): string | null {
  for (const line of text.slice(0, longestText).split('\n')) {
    const [, id, controllers = '', path] = /^(\d+):([^:/]*):(\/.*)$/.exec(line.trim()) ?? [];
    if (path === undefined) continue;
    const isIt =
      controller === 'unified'
        ? id === '0' && controllers === ''
        : controllers.split(',').includes(controller);
    if (isIt) return path.slice(0, longestPath).replace(/ \(deleted\)$/, '');
  }
  return null;
}

/** `id:controllers:path`, where a path can hold colons itself; or the path alone. */
function pathsOf(text: string): string[] {
  return text.split('\n').map((line) => {
    const path = /^\d+:[^:/]*:(\/.*)$/.exec(line.trim())?.[1] ?? line.trim();
    return path.slice(0, longestPath).replace(/ \(deleted\)$/, '');
  });
}

function weight(owner: ProcessOwner): number {
  if (owner.containerId !== null) return owner.runtime === 'unknown' ? 4 : 5;
  if (owner.podUid !== null || owner.slurmJobId !== null) return 3;
  if (owner.runtime === null) return 0;
  return owner.runtime === 'unknown' ? 1 : 2;
}

function ownerOf(path: string): ProcessOwner {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '..' && segment !== '.');
  if (segments.length === 0 || !path.startsWith('/')) return nobody;
  const podUid = lastMatch(segments, podForm)?.replaceAll('_', '-') ?? null;
  const slurmJobId = segments.some((segment) => slurmRoot.test(segment))
    ? lastMatch(segments, slurmJob)
    : null;
  const container = containerIn(segments);
  if (container !== null) {
    const { runtime, containerId, position } = container;
    return { runtime, containerId, podUid, slurmJobId, unit: quadletUnit(segments, position) };
  }
  if (podUid !== null) return { ...nobody, runtime: 'kubernetes', podUid, slurmJobId };
  if (slurmJobId !== null) return { ...nobody, runtime: 'slurm', slurmJobId };
  return unitOwner(segments);
}

function lastMatch(segments: readonly string[], pattern: RegExp): string | null {
  for (const segment of segments.toReversed()) {
    const found = pattern.exec(segment)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

/** The innermost one: containers nest (kind, Docker in LXC). */
function containerIn(
  segments: readonly string[],
): { runtime: ProcessOwner['runtime']; containerId: string; position: number } | null {
  for (let position = segments.length - 1; position >= 0; position -= 1) {
    const segment = segments[position] ?? '';
    const before = segments[position - 1] ?? '';
    for (const { runtime, pattern, parent } of containerForms) {
      const containerId = pattern.exec(segment)?.[1];
      if (containerId === undefined || (parent !== undefined && !parent.test(before))) continue;
      return { runtime, containerId, position };
    }
  }
  return null;
}

/** A quadlet's container lies below the service that runs it. */
function quadletUnit(segments: readonly string[], position: number): string | null {
  const before = segments[position - 1] ?? '';
  const isPayload = segments[position]?.startsWith('libpod-payload-') === true;
  return isPayload && before.endsWith('.service') ? before : null;
}

function unitOwner(segments: readonly string[]): ProcessOwner {
  const unit =
    segments.findLast((segment) => systemdUnit.test(segment) && !holdingUnit.test(segment)) ?? null;
  if (unit !== null && podmanScope.test(unit)) return { ...nobody, runtime: 'podman', unit };
  if (segments.some((segment) => userSlice.test(segment))) return { ...nobody, runtime: 'user', unit };
  if (unit !== null) return { ...nobody, runtime: 'systemd', unit };
  const isHost = segments.every((segment) => holdingUnit.test(segment) || segment.endsWith('.slice'));
  return isHost ? nobody : { ...nobody, runtime: 'unknown' };
}
