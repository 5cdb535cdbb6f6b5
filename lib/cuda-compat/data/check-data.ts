import { compareVersions, isAtLeast, majorMinorOf, majorOf, versionNumbers } from '../versions.ts';
import type { CompatData } from './index.ts';
import type { Sourced } from './rows.ts';
import { sources } from './sources.ts';

/** What is wrong with the tables, a sentence each; empty when they hold. */
export function faultsOfData(data: CompatData): readonly string[] {
  return [
    ...faultsOfSources(data),
    ...faultsOfToolkits(data),
    ...faultsOfBranches(data),
    ...faultsOfForward(data),
    ...faultsOfArchitectures(data),
    ...faultsOfProducts(data),
    ...faultsOfSecurity(data),
  ];
}

/** Rows that rest on memory or on what was not found again. */
export function lowConfidenceRows(data: CompatData): readonly string[] {
  return tablesOf(data).flatMap(([table, rows]) =>
    rows.filter(({ confidence }) => confidence === 'low').map((row) => `${table}: ${nameOf(row)}`),
  );
}

const tablesOf = ({ asOf: _, ...tables }: CompatData): readonly (readonly [string, readonly Sourced[]])[] =>
  Object.entries(tables);

/** A row by its first datum, for people. */
const nameOf = (row: Sourced): string => {
  const [key = '', value = ''] = Object.entries(row)[0] ?? [];
  const cuda = Object.entries(row).find(([each]) => each === 'computeCapabilities');
  return `${key} ${String(value)}${cuda === undefined ? '' : ` (${String(cuda[1])})`}`;
};

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}(-\d{2})?$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);

function faultsOfSources(data: CompatData): string[] {
  const rows = tablesOf(data).flatMap(([table, all]) => all.map((row) => ({ table, row })));
  return rows.flatMap(({ table, row }) => [
    ...(row.source in sources
      ? []
      : [`${table}: ${nameOf(row)} has no source that is known (${row.source})`]),
    ...(['high', 'medium', 'low'].includes(row.confidence)
      ? []
      : [`${table}: ${nameOf(row)} has no confidence`]),
  ]);
}

function doubles(table: string, keys: readonly (string | number)[]): string[] {
  return keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `${table}: ${key} is there twice`);
}

/** A newer toolkit never needs an older driver, and no minor of a major is left out. */
function faultsOfToolkits({ toolkits, minorFloors, branches }: CompatData): string[] {
  const faults = doubles(
    'toolkits',
    toolkits.map(({ toolkit }) => toolkit),
  );
  for (const row of toolkits)
    for (const version of [row.toolkit, row.linuxDriver, row.windowsDriver])
      if (version !== null && versionNumbers(version) === null)
        faults.push(`toolkits: ${row.toolkit}: "${version}" is no version`);
  for (const [at, row] of toolkits.entries()) {
    const before = toolkits[at + 1];
    if (before === undefined) continue;
    if (compareVersions(row.toolkit, before.toolkit) <= 0)
      faults.push(`toolkits: ${row.toolkit} is not newer than ${before.toolkit} below it`);
    if (!isAtLeast(row.linuxDriver, before.linuxDriver))
      faults.push(`toolkits: ${row.toolkit} needs ${row.linuxDriver}, older than ${before.toolkit}'s`);
    const [major, minor = 0] = versionNumbers(row.toolkit) ?? [];
    const [majorBefore, minorBefore = 0] = versionNumbers(before.toolkit) ?? [];
    const isGap = major === majorBefore ? minor > minorBefore + 1 : minor !== 0;
    // CUDA 12.7 was never a toolkit: it came with R565 only.
    if (isGap && majorMinorOf(row.toolkit) !== '12.8')
      faults.push(`toolkits: there is a gap between ${before.toolkit} and ${row.toolkit}`);
  }
  for (const { cudaMajor, linuxDriver } of minorFloors) {
    const first = toolkits.findLast(({ toolkit }) => majorOf(toolkit) === cudaMajor);
    if (first !== undefined && majorOf(linuxDriver) !== majorOf(first.linuxDriver))
      faults.push(
        `minorFloors: ${cudaMajor} begins at ${linuxDriver}, its first toolkit at ${first.linuxDriver}`,
      );
  }
  const known = new Set(branches.map(({ branch }) => branch));
  for (const { toolkit, linuxDriver } of toolkits)
    if (!known.has(majorOf(linuxDriver) ?? 0))
      faults.push(`toolkits: ${toolkit}: no branch of ${linuxDriver}`);
  return faults;
}

/** A newer branch never has an older CUDA; dates are dates, and support ends after it began. */
function faultsOfBranches({ branches }: CompatData): string[] {
  const faults = doubles(
    'branches',
    branches.map(({ branch }) => branch),
  );
  for (const [at, row] of branches.entries()) {
    const before = branches[at + 1];
    if (before !== undefined && row.branch <= before.branch)
      faults.push(`branches: R${row.branch} stands above R${before.branch}`);
    if (before !== undefined && !isAtLeast(row.cuda, before.cuda) && row.branch !== 435)
      faults.push(`branches: R${row.branch} has CUDA ${row.cuda}, older than R${before.branch}'s`);
    for (const date of [row.firstRelease, row.supportedUntil])
      if (date !== null && !isDate(date)) faults.push(`branches: R${row.branch}: "${date}" is no date`);
    if (
      row.firstRelease !== null &&
      row.supportedUntil !== null &&
      row.supportedUntil < row.firstRelease.slice(0, 7)
    )
      faults.push(`branches: support of R${row.branch} ends before it begins`);
    if (row.newestKnown !== null && majorOf(row.newestKnown) !== row.branch)
      faults.push(`branches: ${row.newestKnown} is not of R${row.branch}`);
  }
  return faults;
}

/** A package goes with older branches only, and with none that its own CUDA is newer than. */
function faultsOfForward({ forward, olderForward, libraries, branches }: CompatData): string[] {
  const faults = doubles(
    'forward',
    forward.map(({ compat }) => compat),
  );
  const cudaOf = new Map(branches.map(({ branch, cuda }) => [branch, cuda]));
  for (const { compat, branches: taken, pairs } of [...forward, ...olderForward]) {
    for (const branch of taken) {
      const cuda = cudaOf.get(branch);
      if (cuda === undefined) faults.push(`forward: ${compat}: R${branch} is no branch`);
      else if (isAtLeast(cuda, compat)) faults.push(`forward: ${compat}: R${branch} has CUDA ${cuda} itself`);
    }
    if (pairs !== null && cudaOf.get(pairs) !== compat)
      faults.push(`forward: ${compat}: R${pairs} has CUDA ${cudaOf.get(pairs)}`);
  }
  for (const { compat, libcuda } of libraries)
    if (cudaOf.get(majorOf(libcuda) ?? 0) !== compat)
      faults.push(`libraries: ${libcuda} is not of CUDA ${compat}`);
  return faults;
}

function faultsOfArchitectures({ architectures, branches }: CompatData): string[] {
  const faults = doubles(
    'architectures',
    architectures.flatMap((row) => [...row.computeCapabilities]),
  );
  const oldest = Math.min(...branches.map(({ branch }) => branch));
  const known = new Set(branches.map(({ branch }) => branch));
  for (const row of architectures) {
    const { name, firstBranch, lastBranch, firstToolkit, lastToolkitMajor } = row;
    if (firstBranch >= oldest && !known.has(firstBranch))
      faults.push(`architectures: ${name}: no R${firstBranch}`);
    if (lastBranch !== null && (lastBranch < firstBranch || !known.has(lastBranch)))
      faults.push(`architectures: ${name}: R${lastBranch} cannot be its last branch`);
    if (lastToolkitMajor !== null && lastToolkitMajor < (majorOf(firstToolkit) ?? 0))
      faults.push(`architectures: ${name}: CUDA ${lastToolkitMajor} is before its first`);
  }
  return faults;
}

function faultsOfProducts({ products, pciDevices, architectures }: CompatData): string[] {
  const capabilities = new Set(architectures.flatMap((row) => row.computeCapabilities));
  const names = products.flatMap(({ names: all }) => all.split(' | ').map((name) => name.toLowerCase()));
  const ids = pciDevices.flatMap(({ deviceIds }) => deviceIds.split(' '));
  return [
    ...doubles('products', names),
    ...doubles('pciDevices', ids),
    ...ids.filter((id) => !/^[0-9A-F]{4}$/.test(id)).map((id) => `pciDevices: "${id}" is no device id`),
    ...[...products, ...pciDevices]
      .filter(({ computeCapability }) => !capabilities.has(computeCapability))
      .map(({ computeCapability }) => `products: there is no architecture of ${computeCapability}`),
  ];
}

/** Bulletins close later what was found later: floors of a branch never fall. */
function faultsOfSecurity({ bulletins, toolkitCves, toolkitReleases }: CompatData): string[] {
  const faults: string[] = [];
  const floors = new Map<number, string>();
  for (const { bulletin, published, fixes, cves } of bulletins.toSorted((a, b) =>
    a.published.localeCompare(b.published),
  )) {
    if (!isDate(published)) faults.push(`bulletins: ${bulletin}: "${published}" is no date`);
    for (const { branch, version, cves: some = [] } of fixes) {
      if (majorOf(version) !== branch) faults.push(`bulletins: ${bulletin}: ${version} is not of R${branch}`);
      if (!isAtLeast(version, floors.get(branch) ?? '0'))
        faults.push(`bulletins: ${bulletin}: ${version} is older than what R${branch} needed before`);
      floors.set(branch, version);
      for (const cve of some) if (!(cve in cves)) faults.push(`bulletins: ${bulletin}: ${cve} has no score`);
    }
  }
  const releases = new Set(toolkitReleases.map(({ version }) => version));
  for (const { cve, fixedIn } of toolkitCves)
    if (!releases.has(fixedIn)) faults.push(`toolkitCves: ${cve}: ${fixedIn} is no release`);
  for (const { version, date } of toolkitReleases)
    if (!isDate(date)) faults.push(`toolkitReleases: ${version}: "${date}" is no date`);
  return faults;
}
