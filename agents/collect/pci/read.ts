import {
  isNvidiaGpu,
  isPassedThrough,
  type PciDevice,
  parsePciDevice,
} from '../../../lib/host-facts/index.ts';
import type { PciGpu } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { concurrently } from '../concurrently.ts';
import { failed } from '../failures.ts';
import type { Outcome } from '../source.ts';

export const pciPath = '/sys/bus/pci/devices';
/** The GPUs that the driver shows here; in a container only those that it was given. */
const driverGpusPath = '/proc/driver/nvidia/gpus';

const fileLimits = { maxBytes: 4096, deadlineSeconds: 2 };
const folderLimits = { maxEntries: 4096, deadlineSeconds: 2 };
const readsAtOnce = 8;

export interface PciReader {
  /** Absent: there is no PCI bus here. None of it wakes a sleeping GPU. */
  read(): Promise<Outcome<readonly PciGpu[]>>;
}

/** NVIDIA GPUs of the PCI bus. What a slot holds is read once; of a GPU, driver and power state each time. */
export function createPciReader(access: HostAccess): PciReader {
  /** Addresses on the bus, and whether there is a GPU of ours at it. */
  let known = new Map<string, boolean>();
  const readDevice = async (busId: string): Promise<PciDevice | null> => {
    const file = await access.readFile(`${pciPath}/${busId}/uevent`, fileLimits);
    return file.outcome === 'read' ? parsePciDevice(file.text) : null;
  };
  /** A virtual function of a GPU looks like a GPU, and is part of one that is counted already. */
  const isVirtualFunction = async (busId: string): Promise<boolean> => {
    const folder = await access.listFolder(`${pciPath}/${busId}`, folderLimits);
    return folder.outcome === 'listed' && folder.names.includes('physfn');
  };
  const readGpu = async (busId: string): Promise<PciGpu | null> => {
    const device = await readDevice(busId);
    if (device === null || !isNvidiaGpu(device)) return null;
    if (!known.has(busId) && (await isVirtualFunction(busId))) return null;
    const power = await access.readFile(`${pciPath}/${busId}/power/runtime_status`, fileLimits);
    return {
      busId,
      deviceId: device.deviceId,
      driver: device.driver,
      passedThrough: isPassedThrough(device),
      powerStatus: power.outcome === 'read' ? power.text.trim().slice(0, 64) || null : null,
    };
  };
  return {
    async read() {
      const folder = await access.listFolder(pciPath, folderLimits);
      if (folder.outcome === 'absent') return { state: 'absent', failure: null };
      if (folder.outcome === 'not-permitted') return failed('insufficient-permissions', folder.message);
      if (folder.outcome !== 'listed') return failed('unknown-error', folder.message);
      const found: PciGpu[] = [];
      const next = new Map<string, boolean>();
      await concurrently(folder.names, readsAtOnce, async (busId) => {
        const gpu = known.get(busId) === false ? null : await readGpu(busId);
        next.set(busId, gpu !== null);
        if (gpu !== null) found.push(gpu);
      });
      known = next;
      found.sort((a, b) => (a.busId < b.busId ? -1 : 1));
      return { state: 'ok', value: await visible(access, found) };
    },
  };
}

/** In a container the bus shows every GPU of the machine; those that the driver does not show here are not ours. */
async function visible(access: HostAccess, gpus: readonly PciGpu[]): Promise<readonly PciGpu[]> {
  if (!gpus.some(({ driver }) => driver === 'nvidia')) return gpus;
  const folder = await access.listFolder(driverGpusPath, folderLimits);
  if (folder.outcome !== 'listed' || folder.names.length === 0) return gpus;
  const shown = new Set(folder.names.map((name) => name.toLowerCase()));
  return gpus.filter(({ busId, driver }) => driver !== 'nvidia' || shown.has(busId));
}
