import type { Gpu } from '../model/index.ts';
import type { GpuPatch } from './types.ts';

/** A GPU of which nothing is known: every key there, every value null, no processes and no MIG devices. */
export function emptyGpu(): Gpu {
  return {
    uuid: null,
    index: null,
    name: null,
    brand: null,
    architecture: null,
    computeCapability: null,
    pciBusId: null,
    serial: null,
    vbiosVersion: null,
    minorNumber: null,
    performanceState: null,
    persistenceMode: null,
    computeMode: null,
    migMode: null,
    eccMode: null,
    addressingMode: null,
    virtualizationMode: null,
    utilization: {
      gpuRatio: null,
      memoryRatio: null,
      encoderRatio: null,
      decoderRatio: null,
      jpegRatio: null,
      ofaRatio: null,
    },
    memory: { totalBytes: null, usedBytes: null, freeBytes: null, reservedBytes: null },
    bar1: { totalBytes: null, usedBytes: null, freeBytes: null },
    temperature: {
      gpuCelsius: null,
      memoryCelsius: null,
      slowdownCelsius: null,
      shutdownCelsius: null,
      targetCelsius: null,
    },
    power: {
      drawWatts: null,
      averageWatts: null,
      instantWatts: null,
      limitWatts: null,
      defaultLimitWatts: null,
      minLimitWatts: null,
      maxLimitWatts: null,
    },
    clocks: {
      graphicsHertz: null,
      smHertz: null,
      memoryHertz: null,
      videoHertz: null,
      maxGraphicsHertz: null,
      maxSmHertz: null,
      maxMemoryHertz: null,
    },
    fanRatio: null,
    throttleReasons: null,
    pcie: {
      generation: null,
      maxGeneration: null,
      width: null,
      maxWidth: null,
      txBytesPerSecond: null,
      rxBytesPerSecond: null,
      replays: null,
    },
    ecc: {
      volatile: { correctable: null, uncorrectable: null },
      aggregate: { correctable: null, uncorrectable: null },
    },
    remappedRows: { correctable: null, uncorrectable: null, pending: null, failure: null },
    retiredPages: { singleBit: null, doubleBit: null, pending: null },
    recoveryAction: null,
    fabric: { state: null, status: null },
    energyJoules: null,
    migDevices: [],
    processes: [],
  };
}

type Mode = Gpu['migMode'];
const unknownMode: NonNullable<Mode> = { current: null, pending: null };

/** A mode with both its values; null when neither is told. */
export function mergeMode(mode: Mode, patch: Partial<NonNullable<Mode>> | null | undefined): Mode {
  if (mode !== null && patch == null) return mode.current === null && mode.pending === null ? null : mode;
  const merged = { ...unknownMode, ...mode, ...patch };
  return merged.current === null && merged.pending === null ? null : merged;
}

/** A group that the row tells nothing of stays the same object: this is done for each GPU of each sample. */
const over = <T extends object>(group: T, patch: Partial<T> | undefined): T =>
  patch === undefined ? group : { ...group, ...patch };

const overCounts = (ecc: Gpu['ecc'], patch: GpuPatch['ecc']): Gpu['ecc'] =>
  patch === undefined
    ? ecc
    : { volatile: over(ecc.volatile, patch.volatile), aggregate: over(ecc.aggregate, patch.aggregate) };

const told = <T>(now: T | undefined, before: T): T => (now === undefined ? before : now);

/**
 * The GPU with what a row told laid over it; what the row did not ask for stays. Each key by its name: an object that is
 * put together from others takes ten times the memory on the way, and this is done for each GPU of each sample.
 */
export function mergeGpu(gpu: Gpu, patch: GpuPatch): Gpu {
  return {
    uuid: told(patch.uuid, gpu.uuid),
    index: told(patch.index, gpu.index),
    name: told(patch.name, gpu.name),
    brand: told(patch.brand, gpu.brand),
    architecture: told(patch.architecture, gpu.architecture),
    computeCapability: told(patch.computeCapability, gpu.computeCapability),
    pciBusId: told(patch.pciBusId, gpu.pciBusId),
    serial: told(patch.serial, gpu.serial),
    vbiosVersion: told(patch.vbiosVersion, gpu.vbiosVersion),
    minorNumber: told(patch.minorNumber, gpu.minorNumber),
    performanceState: told(patch.performanceState, gpu.performanceState),
    persistenceMode: told(patch.persistenceMode, gpu.persistenceMode),
    computeMode: told(patch.computeMode, gpu.computeMode),
    migMode: mergeMode(gpu.migMode, patch.migMode),
    eccMode: mergeMode(gpu.eccMode, patch.eccMode),
    addressingMode: told(patch.addressingMode, gpu.addressingMode),
    virtualizationMode: told(patch.virtualizationMode, gpu.virtualizationMode),
    utilization: over(gpu.utilization, patch.utilization),
    memory: over(gpu.memory, patch.memory),
    bar1: over(gpu.bar1, patch.bar1),
    temperature: over(gpu.temperature, patch.temperature),
    power: over(gpu.power, patch.power),
    clocks: over(gpu.clocks, patch.clocks),
    fanRatio: told(patch.fanRatio, gpu.fanRatio),
    throttleReasons: told(patch.throttleReasons, gpu.throttleReasons),
    pcie: over(gpu.pcie, patch.pcie),
    ecc: overCounts(gpu.ecc, patch.ecc),
    remappedRows: over(gpu.remappedRows, patch.remappedRows),
    retiredPages: over(gpu.retiredPages, patch.retiredPages),
    recoveryAction: told(patch.recoveryAction, gpu.recoveryAction),
    fabric: over(gpu.fabric, patch.fabric),
    energyJoules: told(patch.energyJoules, gpu.energyJoules),
    migDevices: told(patch.migDevices, gpu.migDevices),
    processes: told(patch.processes, gpu.processes),
  };
}

/** What names a GPU, without its readings: all that is left of one that is lost. */
export function identityOf(gpu: Gpu): Gpu {
  const { uuid, index, name, brand, architecture, computeCapability } = gpu;
  const { pciBusId, serial, vbiosVersion, minorNumber, recoveryAction } = gpu;
  return {
    ...emptyGpu(),
    ...{ uuid, index, name, brand, architecture, computeCapability },
    ...{ pciBusId, serial, vbiosVersion, minorNumber, recoveryAction },
  };
}
