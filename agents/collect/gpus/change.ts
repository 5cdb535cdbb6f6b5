import type { QueryGpuRow, SmiDocument, SmiGpu } from '../../../lib/nvidia-smi/index.ts';

const mebibyte = 1024 * 1024;

/**
 * True when a row says something that the document cannot have seen: another driver, an unknown GPU, another state,
 * or memory that moved as it does when a process comes or goes.
 */
export function contradicts(document: SmiDocument, row: QueryGpuRow): boolean {
  const known = document.gpus.find(({ gpu }) => gpu.uuid !== null && gpu.uuid === row.uuid);
  if (known === undefined) return true;
  if (row.state !== known.state) return true;
  if (row.driverVersion !== null && document.driverVersion !== null) {
    if (row.driverVersion !== document.driverVersion) return true;
  }
  const now = row.gpu.memory?.usedBytes;
  const then = known.gpu.memory.usedBytes;
  if (now === null || now === undefined || then === null) return false;
  // The first process to come or the last to go may be small; among several, only a large step means anything.
  const step = known.gpu.processes.length <= 1 ? 16 * mebibyte : 256 * mebibyte;
  return Math.abs(now - then) > step;
}

/** True when a GPU that the document has is missing in a whole sample. */
export function misses(document: SmiDocument, sampledUuids: ReadonlySet<string>): boolean {
  return document.gpus.some(
    ({ gpu, state }) => state === 'ok' && gpu.uuid !== null && !sampledUuids.has(gpu.uuid),
  );
}

/** What a second look is for: when it is the same as before, the hint was worth little. */
export function fingerprint(document: SmiDocument): string {
  const gpus = document.gpus.map(({ gpu, state }) => [
    gpu.uuid,
    state,
    gpu.processes.map((process) => process.pid),
    gpu.migDevices.map((device) => [device.gpuInstanceId, device.computeInstanceId]),
  ]);
  return JSON.stringify([document.driverVersion, gpus]);
}

/**
 * What a stream that was started with `before` cannot know, in words: another driver, a GPU that came or is gone, MIG.
 * Null: nothing of it.
 */
export function streamChange(before: SmiDocument, after: SmiDocument): string | null {
  const [driverBefore, driverNow] = [before.driverVersion, after.driverVersion];
  if (driverBefore !== driverNow && driverNow !== null)
    return `driver ${driverBefore ?? 'unknown'} became ${driverNow}`;
  const gone = before.gpus.find(({ gpu }) => !has(after, gpu.uuid));
  if (gone !== undefined) return `GPU ${nameIn(before, gone)} is gone`;
  const came = after.gpus.find(({ gpu }) => !has(before, gpu.uuid));
  if (came !== undefined) return `GPU ${nameIn(after, came)} came`;
  const other = after.gpus.find((each) => {
    const was = before.gpus.find(({ gpu }) => gpu.uuid === each.gpu.uuid);
    return was !== undefined && migOf(was) !== migOf(each);
  });
  return other === undefined ? null : `MIG of GPU ${nameIn(after, other)} changed`;
}

const has = (document: SmiDocument, uuid: string | null): boolean =>
  document.gpus.some(({ gpu }) => gpu.uuid === uuid);

const nameIn = (document: SmiDocument, each: SmiGpu): string =>
  `${each.gpu.index ?? document.gpus.indexOf(each)} (${each.gpu.pciBusId ?? each.gpu.uuid ?? 'no name'})`;

const migOf = ({ gpu: { migMode, migDevices } }: SmiGpu): string =>
  JSON.stringify([
    migMode?.current ?? null,
    migDevices.map((device) => [device.gpuInstanceId, device.computeInstanceId]),
  ]);
