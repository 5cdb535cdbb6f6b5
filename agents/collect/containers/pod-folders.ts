import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Names of pods, from the folders that the kubelet keeps their logs in: everyone may list them. */
export interface PodFolders {
  /** Looks again where one of these is not known yet. */
  need(uids: readonly string[]): Promise<void>;
  of(uid: string): PodName | null;
}

const path = '/var/log/pods';
const limits = { maxEntries: 10_000, deadlineSeconds: 1 };
const shortestSeconds = 10;

/** `NAMESPACE_NAME_UID`; neither of the first two can hold an underscore. */
export function parsePodFolder(folder: string): { readonly uid: string; readonly pod: PodName } | null {
  const [, namespace, name, uid] =
    /^([a-z0-9-]{1,63})_([a-z0-9.-]{1,253})_([0-9a-f-]{32,36})$/.exec(folder) ?? [];
  return namespace === undefined || name === undefined || uid === undefined
    ? null
    : { uid, pod: { namespace, name } };
}

export function createPodFolders(access: HostAccess, clock: Clock): PodFolders {
  let known: ReadonlyMap<string, PodName> = new Map();
  let lookedSeconds = Number.NEGATIVE_INFINITY;
  return {
    async need(uids) {
      const now = clock.monotonicSeconds();
      if (uids.every((uid) => known.has(uid)) || now - lookedSeconds < shortestSeconds) return;
      lookedSeconds = now;
      const folder = await access.listFolder(path, limits);
      const read =
        folder.outcome === 'listed' ? folder.names.flatMap((name) => parsePodFolder(name) ?? []) : [];
      known = new Map(read.map(({ uid, pod }) => [uid, pod]));
    },
    of: (uid) => known.get(uid) ?? null,
  };
}
