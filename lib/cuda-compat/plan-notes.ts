import type { CompatChange, CompatGpu, PlanNote } from '../model/index.ts';
import type { CompatData } from './data/index.ts';
import type { ArchitectureRow, ModuleNeed } from './data/rows.ts';
import { sourceText } from './data/sources.ts';
import { productOf } from './gpu-names.ts';
import { changesMode, type PlanHost } from './plan.ts';
import { branchSupport } from './security.ts';
import { tablesOf } from './tables.ts';
import { isAtLeast, majorOf } from './versions.ts';

interface Placed {
  readonly name: string;
  readonly row: ArchitectureRow;
  readonly modules: ModuleNeed;
  readonly hostIds: readonly string[];
}

interface NoteOptions {
  readonly today: string;
  readonly data: CompatData;
}

/** The kinds of GPUs of these hosts, each with the hosts that have it. */
function placedGpus(hosts: readonly PlanHost[], data: CompatData): readonly Placed[] {
  const kinds = new Map<string, { readonly gpu: CompatGpu; readonly hostIds: Set<string> }>();
  for (const { id, host } of hosts)
    for (const gpu of host.isJetson || host.isWsl ? [] : host.gpus) {
      const key = `${gpu.name}|${gpu.computeCapability}`;
      const kind = kinds.get(key) ?? { gpu, hostIds: new Set() };
      kinds.set(key, kind);
      kind.hostIds.add(id);
    }
  const tables = tablesOf(data);
  return [...kinds.values()].flatMap(({ gpu, hostIds }) => {
    const product = gpu.name === null ? null : productOf(data, gpu.name);
    const capability = gpu.computeCapability ?? product?.computeCapability ?? null;
    const row = capability === null ? null : tables.architectureOf(capability);
    if (row === null) return [];
    const name = gpu.name ?? `compute capability ${capability}`;
    return [{ name, row, modules: product?.modules ?? row.modules, hostIds: [...hostIds] }];
  });
}

const has = ({ firstBranch, lastBranch }: ArchitectureRow, driver: string | null): boolean => {
  const branch = driver === null ? null : majorOf(driver);
  return branch !== null && branch >= firstBranch && (lastBranch === null || branch <= lastBranch);
};

/** What the upgrade needs beside the driver itself, and what it takes away. */
export function notesOf(
  hosts: readonly PlanHost[],
  change: CompatChange,
  options: NoteOptions,
): readonly PlanNote[] {
  return [
    ...(change.driver === null
      ? []
      : [
          ...gpuNotes(hosts, change.driver, options.data),
          ...moduleNotes(hosts, change.driver, options.data),
          ...fabricNotes(hosts, change.driver),
          ...supportNotes(hosts, change.driver, options),
        ]),
    ...modeNotes(hosts, change),
  ];
}

function gpuNotes(hosts: readonly PlanHost[], driver: string, data: CompatData): readonly PlanNote[] {
  const now = new Map(hosts.map(({ id, host }) => [id, host.kernelDriverVersion]));
  const source = sourceText('architectureMatrix');
  return placedGpus(hosts, data).flatMap(({ name, row, hostIds }): PlanNote[] => {
    if (has(row, driver)) {
      const gets = hostIds.filter((id) => !has(row, now.get(id) ?? null));
      if (gets.length === 0) return [];
      const text = `${name} (${row.name}) is in driver ${driver}, and is not in what they have now.`;
      return [{ kind: 'gpu-gets-support', text, source, hostIds: gets }];
    }
    const why =
      row.lastBranch !== null && (majorOf(driver) ?? 0) > row.lastBranch
        ? `R${row.lastBranch} is the last branch for it`
        : `it needs R${row.firstBranch} or newer`;
    const text = `${name} (${row.name}) is not in driver ${driver}: ${why}.`;
    return [{ kind: 'gpu-loses-support', text, source, hostIds }];
  });
}

/** Driver branches of which NVIDIA's guide describes the open modules only. */
const openOnlySince = 620;

function moduleNotes(hosts: readonly PlanHost[], driver: string, data: CompatData): readonly PlanNote[] {
  const flavour = new Map(hosts.map(({ id, host }) => [id, host.moduleFlavour]));
  const source = sourceText('kernelModules');
  const isOpenOnly = (majorOf(driver) ?? 0) >= openOnlySince;
  return placedGpus(hosts, data).flatMap(({ name, row, modules, hostIds }): PlanNote[] => {
    if (!has(row, driver)) return [];
    const others = hostIds.filter((id) => flavour.get(id) !== 'open');
    if (modules === 'open')
      return [
        {
          kind: 'open-modules',
          text: `${name} needs the open kernel modules of driver ${driver}.`,
          source,
          hostIds,
        },
      ];
    if (!isOpenOnly || others.length === 0) return [];
    const isKnown = others.every((id) => flavour.get(id) === 'proprietary');
    const now = isKnown ? 'does not run with them now' : 'is not known to run with them now';
    const text = `Driver ${driver} comes with the open kernel modules only, and ${name} ${now}.`;
    return [{ kind: 'open-modules', text, source, hostIds: others }];
  });
}

function fabricNotes(hosts: readonly PlanHost[], driver: string): readonly PlanNote[] {
  const moving = hosts.filter(
    ({ fabricManagerVersion }) => fabricManagerVersion !== null && fabricManagerVersion !== driver,
  );
  if (moving.length === 0) return [];
  const text = `Fabric manager must be of the very same version: ${driver}. With another one CUDA fails with error 802.`;
  return [
    {
      kind: 'fabric-manager',
      text,
      source: sourceText('fabricManager'),
      hostIds: moving.map(({ id }) => id),
    },
  ];
}

function supportNotes(
  hosts: readonly PlanHost[],
  driver: string,
  { today, data }: NoteOptions,
): readonly PlanNote[] {
  const hostIds = hosts.map(({ id }) => id);
  const support = branchSupport(driver, today, data);
  if (support === null) {
    const text = `The branch of driver ${driver} is in no table (of ${data.asOf}): how long it is supported, and what it closes, is not known.`;
    return [{ kind: 'outside-the-tables', text, source: sourceText('driverTable'), hostIds }];
  }
  if (support.isOver !== true) return [];
  const text = `Support of R${support.branch} ended with ${support.supportedUntil}: it gets no more fixes.`;
  return [{ kind: 'support-ends', text, source: support.source, hostIds }];
}

function modeNotes(hosts: readonly PlanHost[], change: CompatChange): readonly PlanNote[] {
  const moving = hosts.filter((host) => changesMode(host, change) !== null);
  const { toolkit } = change;
  if (moving.length === 0 || toolkit === null) return [];
  const text = isAtLeast(toolkit, '1.18.0')
    ? `Toolkit ${toolkit} injects GPUs by CDI where its configuration says nothing else: nobody checks NVIDIA_REQUIRE_* any more, and a CDI specification must be fresh.`
    : `Toolkit ${toolkit} injects GPUs the old way where its configuration says nothing else: NVIDIA_REQUIRE_* is checked again.`;
  return [{ kind: 'toolkit-mode', text, source: sourceText('cdiMode'), hostIds: moving.map(({ id }) => id) }];
}
