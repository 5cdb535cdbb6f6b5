import {
  compatDriverOf,
  cudaOfWheels,
  type MappedCuda,
  parseCudaVersionFile,
  parseMappedCuda,
} from '../../../lib/host-facts/index.ts';
import type { FoundCompat, FoundCuda } from '../../../lib/model/index.ts';
import type { FolderResult, HostAccess } from '../../access/host-access.ts';

const deadlineSeconds = 1;
const mapsLimits = { maxBytes: 2 * 1024 * 1024, deadlineSeconds };
const versionLimits = { maxBytes: 64 * 1024, deadlineSeconds };
/** Python packages of one environment. */
const mostPackages = 5000;
const mostEntries = 256;
const mostFolders = 4;

export type Looked<T> = { readonly value: T } | { readonly refused: true } | { readonly gone: true };

/** What a process has mapped; `refused` without the right to look into processes of others. */
export async function readMapped(access: HostAccess, pid: number): Promise<Looked<MappedCuda>> {
  const file = await access.readFile(`/proc/${pid}/maps`, mapsLimits);
  if (file.outcome === 'read') return { value: parseMappedCuda(file.text) };
  return file.outcome === 'not-permitted' ? { refused: true } : { gone: true };
}

/** The whole CUDA version of a wheel, from the names beside it. */
export async function readWheel(access: HostAccess, pid: number, folder: string): Promise<FoundCuda | null> {
  const packages = await access.listFolder(`/proc/${pid}/root${folder}`, {
    maxEntries: mostPackages,
    deadlineSeconds,
  });
  return packages.outcome === 'listed' ? cudaOfWheels(packages.names, folder) : null;
}

export interface ImageFiles {
  readonly compat: FoundCompat | null;
  readonly version: FoundCuda | null;
}

const versionFiles = ['version.json', 'version.txt'] as const;

/**
 * The compat package and the version file in a container, seen through one of its processes. `/usr/local/cuda` is
 * mostly a link with an absolute path, which would lead to the host's own files, so real folders are taken first.
 */
export async function readImageFiles(
  access: HostAccess,
  pid: number,
  wantsVersion: boolean,
): Promise<Looked<ImageFiles>> {
  const list = (path: string): Promise<FolderResult> =>
    access.listFolder(`/proc/${pid}/root${path}`, { maxEntries: mostEntries, deadlineSeconds });
  const local = await list('/usr/local');
  if (local.outcome === 'not-permitted') return { refused: true };
  if (local.outcome !== 'listed') {
    // An image without /usr/local has neither; of a process that is gone, or hidden, nothing is known.
    const root = await list('');
    return root.outcome === 'listed' ? { value: { compat: null, version: null } } : { gone: true };
  }
  const numbered = local.names.filter((name) => /^cuda-\d{1,2}\.\d{1,2}$/.test(name)).sort();
  const folders = numbered.length > 0 ? numbered.toReversed() : local.names.filter((name) => name === 'cuda');
  let compat: FoundCompat | null = null;
  let version: FoundCuda | null = null;
  for (const name of folders.slice(0, mostFolders)) {
    const folder = `/usr/local/${name}`;
    compat ??= await compatIn(list, `${folder}/compat`);
    for (const file of versionFiles) {
      if (!wantsVersion || version !== null) break;
      const path = `${folder}/${file}`;
      const text = await access.readFile(`/proc/${pid}/root${path}`, versionLimits);
      if (text.outcome === 'read') version = parseCudaVersionFile(text.text, path);
    }
  }
  return { value: { compat, version } };
}

async function compatIn(
  list: (path: string) => Promise<FolderResult>,
  from: string,
): Promise<FoundCompat | null> {
  // CUDA 13 keeps the libraries one folder deeper.
  for (const path of [from, `${from}/lib.real`]) {
    const names = await list(path);
    const driverVersion = names.outcome === 'listed' ? compatDriverOf(names.names) : undefined;
    if (driverVersion !== undefined) return { driverVersion, from: path, isMapped: null };
  }
  return null;
}
