import { type CompatData, compatData } from './data/index.ts';
import type { PciRow } from './data/rows.ts';

const kept = new WeakMap<CompatData, ReadonlyMap<string, PciRow>>();

function rowsOf(data: CompatData): ReadonlyMap<string, PciRow> {
  const known = kept.get(data);
  if (known !== undefined) return known;
  const made = new Map(
    data.pciDevices.flatMap((row) => row.deviceIds.split(' ').map((id) => [id, row] as const)),
  );
  kept.set(data, made);
  return made;
}

/** Compute capability of a GPU by its PCI device id (`2330`), for a host whose driver does not answer; null: not in the table. */
export const capabilityOfPciDevice = (deviceId: string, data: CompatData = compatData): string | null =>
  rowsOf(data).get(deviceId.toUpperCase())?.computeCapability ?? null;
