/** One of the driver's files by its name: `libcuda.so.580.65.06` is libcuda.so of 580.65.06. */
export interface DriverLibrary {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

const versioned = /\/(lib[\w+-]{1,80}\.so)\.(\d{1,4}(?:\.\d{1,5}){1,3})$/;
/** These carry the driver's own version; others (libnvidia-egl-gbm.so.1.1.2) have one of their own. */
const ofDriver = /^lib(?:cuda|nvidia-ml|nvidia-ptxjitcompiler|nvcuvid|nvidia-cfg|nvidia-nvvm)\.so$/;

/** Null when the path ends in no library with a dotted version. */
export function driverLibraryOf(path: string): DriverLibrary | null {
  const match = versioned.exec(path.length > 4096 ? '' : path);
  return match === null ? null : { name: match[1] ?? '', version: match[2] ?? '', path };
}

/** The driver version that libraries are of; null when none tells, or when they contradict each other. */
export function driverVersionOf(libraries: readonly DriverLibrary[]): string | null {
  const versions = new Set(libraries.filter(({ name }) => ofDriver.test(name)).map(({ version }) => version));
  const [version = null] = versions;
  return versions.size === 1 ? version : null;
}
