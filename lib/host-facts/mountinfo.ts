import { eachLine, type ProcessOwner } from '../model/index.ts';
import { parseCgroup } from './cgroup.ts';
import { type DriverLibrary, driverLibraryOf, driverVersionOf } from './library-versions.ts';

export interface Mount {
  /** Where in its file system the mount begins. */
  readonly root: string;
  readonly mountPoint: string;
  /** Null on a line that was cut. */
  readonly filesystem: string | null;
  readonly source: string | null;
  readonly readOnly: boolean;
}

/** What /proc/PID/mountinfo tells of a process: whose container it is in, and which driver's files it was given. */
export interface MountInfo {
  readonly mounts: readonly Mount[];
  /** From the cgroup mount, where a namespace hides the path in /proc/PID/cgroup, else from a runtime's own files. */
  readonly owner: ProcessOwner;
  /** Libraries of the driver that were mounted from the host. */
  readonly libraries: readonly DriverLibrary[];
  /** Version of those; null when none is mounted, or they contradict each other. */
  readonly driverVersion: string | null;
}

const mostMounts = 5000;
const longestText = 8 * 1024 * 1024;
const longestLine = 16_384;
const line = /^\d{1,10} \d{1,10} \d{1,6}:\d{1,10} (\S+) (\S+) (\S+)(?: |$)/;

/** Whether a line is one of mountinfo's. */
export const isMountLine = (text: string): boolean => line.test(text.slice(0, longestLine));

/** Reads /proc/PID/mountinfo. Never throws; lines that are none are left out. */
export function parseMountinfo(text: string): MountInfo {
  const mounts: Mount[] = [];
  for (const { text: each } of eachLine(text.slice(0, longestText))) {
    if (mounts.length >= mostMounts) break;
    const mount = mountOf(each.slice(0, longestLine));
    if (mount !== null) mounts.push(mount);
  }
  const libraries = mounts
    .map(({ mountPoint }) => driverLibraryOf(mountPoint))
    .filter((library) => library !== null);
  return { mounts, owner: ownerOf(mounts), libraries, driverVersion: driverVersionOf(libraries) };
}

function mountOf(text: string): Mount | null {
  const match = line.exec(text);
  if (match === null) return null;
  const [, root = '', mountPoint = '', options = ''] = match;
  const after = text.indexOf(' - ');
  const [filesystem = null, source = null] = after < 0 ? [] : text.slice(after + 3).split(' ', 2);
  return {
    root: unescaped(root),
    mountPoint: unescaped(mountPoint),
    filesystem: filesystem === '' ? null : filesystem,
    source: source === null || source === '' ? null : unescaped(source),
    readOnly: options.split(',', 64).includes('ro'),
  };
}

/** Blanks are written as octal: `\040`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** A runtime's files for one container; `sandboxes` of containerd is the pod's own and names no container. */
const ownFiles = [
  /\/(docker)\/containers\/([0-9a-f]{64})\//,
  /\/overlay-(containers)\/([0-9a-f]{64})\/userdata\//,
] as const;

/** The kubelet's folder of a pod; static pods have a hash for a uid. */
const podFiles = /\/kubelet\/pods\/([0-9a-f-]{32,36})\//;

function ownerOf(mounts: readonly Mount[]): ProcessOwner {
  let owner = parseCgroup('');
  for (const { root, mountPoint, filesystem } of mounts) {
    const isCgroup =
      filesystem === 'cgroup' || filesystem === 'cgroup2' || mountPoint.startsWith('/sys/fs/cgroup');
    if (!isCgroup || root === '/') continue;
    const told = parseCgroup(`0::${root}\n`);
    if (told.containerId !== null) return told;
    if (owner.runtime === null) owner = told;
  }
  // A pod's container has the hosts file of its pod, and the name in it: CRI-O's are the sandbox's and name no container.
  const podUid = mounts.map(({ root }) => podFiles.exec(root)?.[1]).find((uid) => uid !== undefined);
  if (podUid !== undefined) {
    const runtime = owner.runtime === null || owner.runtime === 'unknown' ? 'kubernetes' : owner.runtime;
    return { ...owner, runtime, podUid: owner.podUid ?? podUid };
  }
  for (const { root } of mounts)
    for (const form of ownFiles) {
      const match = form.exec(root);
      if (match === null) continue;
      return {
        ...owner,
        runtime: match[1] === 'docker' ? 'docker' : 'podman',
        containerId: match[2] ?? null,
      };
    }
  return owner;
}
