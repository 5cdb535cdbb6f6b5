// Adds to package-lock.json the optional packages of other platforms that npm left out.
// npm leaves out what the registry in use does not have, and then `npm ci` refuses its own file everywhere.
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** What the name of a platform's package says: `@x/cli-linux-x64-musl`. Null when it names no platform. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | null {
  const words = name.split(/[/-]/);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length + cpu.length === 0) return null;
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
  };
}

/** Where Node would look for `name` from inside `folder`, nearest first. */
function placesOf(folder: string, name: string): string[] {
  const parts = folder === '' ? [] : folder.split('/node_modules/');
  const above = parts.map(
    (_, i) => `${parts.slice(0, parts.length - i).join('/node_modules/')}/node_modules/${name}`,
  );
  return [...above, `node_modules/${name}`];
}

/** The optional packages that some package names and the lock file does not hold, by where they belong. */
export function missingPackages({ packages }: LockFile): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {};
  for (const [folder, locked] of Object.entries(packages))
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === null || placesOf(folder, name).some((place) => place in packages)) continue;
      const dev = locked.dev === true ? { dev: true } : {};
      missing[`node_modules/${name}`] = { version, ...platform, ...dev, optional: true };
    }
  return missing;
}

/** The same lock file with them in it, in npm's order. */
export function completed<Lock extends LockFile>(lock: Lock): Lock {
  const all = { ...lock.packages, ...missingPackages(lock) };
  const sorted = Object.entries(all).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

if (import.meta.main) {
  const path = new URL('../package-lock.json', import.meta.url).pathname;
  const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile;
  const names = Object.keys(missingPackages(lock));
  if (names.length > 0) writeFileSync(path, `${JSON.stringify(completed(lock), null, 2)}\n`);
  console.error(names.length > 0 ? `added ${names.join(', ')}` : 'nothing was missing');
}
