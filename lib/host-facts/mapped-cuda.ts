import type { FoundCuda } from '../model/index.ts';

/** What /proc/PID/maps says of CUDA. */
export interface MappedCuda {
  /** The best first. */
  readonly evidence: readonly FoundCuda[];
  /** The user-space driver that it has mapped, `libcuda.so.VERSION`; null: none. */
  readonly driver: { readonly version: string; readonly path: string; readonly isCompat: boolean } | null;
  /** Folder with the packages of pip, where CUDA's runtime comes from a wheel of which only the major version is known. */
  readonly wheelsFolder: string | null;
}

const mapped = /\s(\/\S.*\.so[.\d]*)$/;
const deleted = / \(deleted\)$/;
const runtime = /\/libcudart(?:-[0-9a-f]{4,40})?\.so\.(\d{1,2})(?:\.(\d{1,2}))?(?:\.\d+)*$/;
const compiler = /\/libnvrtc(?:-[0-9a-f]{4,40})?\.so\.(\d{1,2})\.(\d{1,2})(?:\.\d+)*$/;
const driver = /\/libcuda\.so\.(\d{3}\.\d+(?:\.\d+)?)$/;
const wheel = /^(\/.*\/(?:site|dist)-packages)\/nvidia\//;
const longestPath = 500;

/** Reads the text of /proc/PID/maps; a path that the kernel marks as deleted counts too. Never throws. */
export function parseMappedCuda(text: string): MappedCuda {
  const paths = new Set<string>();
  for (const line of text.split('\n')) {
    if (!line.includes('/lib')) continue;
    const path = mapped.exec(line.replace(deleted, ''))?.[1];
    if (path !== undefined && path.length <= longestPath) paths.add(path);
  }
  const evidence: FoundCuda[] = [];
  let library: MappedCuda['driver'] = null;
  let wheelsFolder: string | null = null;
  for (const path of paths) {
    const version = driver.exec(path)?.[1];
    if (version !== undefined) library = { version, path, isCompat: /\/compat(?:\/|_)/.test(path) };
    const folder = wheel.exec(path)?.[1] ?? null;
    const [, major, minor] = runtime.exec(path) ?? compiler.exec(path) ?? [];
    if (major === undefined) continue;
    // Before CUDA 11 the minor version was part of the name; of `libcudart.so.11.0` it never moved.
    const isWhole = minor !== undefined && !/\/libcudart\S*\.so\.(?:11|12|13)\.0$/.test(path);
    evidence.push({
      kind: 'mapped-library',
      version: isWhole ? `${major}.${minor}` : major,
      from: path,
    });
    if (folder !== null && !isWhole) wheelsFolder = folder;
  }
  return { evidence: bestFirst(evidence), driver: library, wheelsFolder };
}

const isRuntime = ({ from }: FoundCuda): boolean => from.includes('/libcudart');

/** Whole versions before bare majors, the runtime before the compiler; each version once. */
function bestFirst(evidence: readonly FoundCuda[]): readonly FoundCuda[] {
  const rank = (each: FoundCuda): number =>
    Number(!each.version.includes('.')) * 2 + Number(!isRuntime(each));
  const sorted = [...evidence].sort((a, b) => rank(a) - rank(b));
  return [...new Map(sorted.toReversed().map((each) => [each.version, each])).values()].toReversed();
}

const distribution = /^nvidia_cuda_runtime(?:_cu\d{2})?-(\d{1,2}\.\d{1,2})(?:\.\d+)*\.dist-info$/;

/** The CUDA version of a wheel among the names in a folder of Python packages. */
export function cudaOfWheels(names: readonly string[], folder: string): FoundCuda | null {
  for (const name of names) {
    const version = distribution.exec(name)?.[1];
    if (version !== undefined)
      return { kind: 'mapped-library', version, from: `${folder}/${name}`.slice(0, longestPath) };
  }
  return null;
}

/** The version in CUDA's version.json, or in version.txt of CUDA 10 and before. */
export function parseCudaVersionFile(text: string, path: string): FoundCuda | null {
  const found = /"cuda"\s*:\s*\{[^}]{0,400}"version"\s*:\s*"(\d{1,2}\.\d{1,2})[.\d]*"/.exec(
    text.slice(0, 65_536),
  );
  const version = found?.[1] ?? /^CUDA Version (\d{1,2}\.\d{1,2})/.exec(text)?.[1];
  return version === undefined ? null : { kind: 'version-file', version, from: path.slice(0, longestPath) };
}

/** The driver version of a compat package among the names in its folder; undefined: no libcuda is there. */
export function compatDriverOf(names: readonly string[]): string | null | undefined {
  const libraries = names.filter((name) => /^libcuda\.so(?:\.|$)/.test(name));
  if (libraries.length === 0) return undefined;
  for (const name of libraries) {
    const version = /^libcuda\.so\.(\d{3}\.\d+(?:\.\d+)?)$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return null;
}
