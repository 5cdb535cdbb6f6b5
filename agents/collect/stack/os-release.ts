/** Where the agent's images and chart mount the node's. */
const mountedPath = '/host/etc/os-release';
const ownPath = '/etc/os-release';
const mostMountBytes = 4 * 1024 * 1024;

/** Every engine mounts this file into its containers, and nothing mounts it on a host. */
const mountedHosts = /^\S+ \S+ \S+ \S+ \/etc\/hosts /m;

export interface OsRelease {
  readonly path: string;
  /** Null where it cannot be read, and in a container, whose own says what its image is made of. */
  readonly text: string | null;
}

export type ReadOsRelease = (
  readText: (path: string, maxBytes?: number) => Promise<string | null>,
) => Promise<OsRelease>;

/** Reads the host's, also from a container where it is mounted there. What it is in stays so, and is looked at once. */
export function osReleaseReader(): ReadOsRelease {
  let isContained: boolean | null = null;
  return async (readText) => {
    const mounted = await readText(mountedPath);
    if (mounted !== null) return { path: mountedPath, text: mounted };
    if (isContained === null) {
      const mounts = await readText('/proc/self/mountinfo', mostMountBytes);
      if (mounts !== null) isContained = mountedHosts.test(mounts);
    }
    if (isContained === true) return { path: mountedPath, text: null };
    return { path: ownPath, text: await readText(ownPath) };
  };
}
