import type { HostAccess } from '../access/host-access.ts';
import { libraryPaths, readLibrary } from '../doctor/driver-facts.ts';

/** The driver's library on disk, looked at again and again. */
export interface LibraryWatch {
  /** Version of what is there now; null where there is none. */
  read(): Promise<string | null>;
}

/**
 * Who sees no library (an agent in a container) looks for one at all places this seldom. Where one is installed,
 * nvidia-smi answers otherwise than before, and that is a reason to read everything.
 */
const nowhereSeconds = 60;

const systemSeconds = (): number => performance.now() / 1000;

/** Looks where the library was last, and at all places only once it is not there: each look wakes a thread. */
export function createLibraryWatch(access: HostAccess, nowSeconds = systemSeconds): LibraryWatch {
  let place: string | null = null;
  let searchedSeconds = Number.NEGATIVE_INFINITY;
  const versionAt = async (path: string): Promise<string | null> => {
    const library = await readLibrary(access, [path]);
    return library.state === 'known' ? library.value : null;
  };
  const search = async (): Promise<string | null> => {
    searchedSeconds = nowSeconds();
    for (const path of libraryPaths) {
      const version = await versionAt(path);
      if (version === null) continue;
      place = path;
      return version;
    }
    place = null;
    return null;
  };
  return {
    async read() {
      if (place !== null) return (await versionAt(place)) ?? search();
      return nowSeconds() - searchedSeconds < nowhereSeconds ? null : search();
    },
  };
}
