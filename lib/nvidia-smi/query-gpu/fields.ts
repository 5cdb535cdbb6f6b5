import type { GpuField } from '../draft.ts';
import type { ValueKind } from '../values.ts';

/** Where a column's value goes. `to` or `extra` or `head`; of several columns for one field the lower rank wins. */
export interface QueryField {
  readonly to?: GpuField;
  readonly extra?: string;
  /** Belongs to the row, not to the GPU. */
  readonly head?: 'timestamp' | 'driverVersion';
  readonly as: ValueKind;
  readonly rank?: number;
}

/**
 * What our stream asks for: known to every driver from 418 to 610, since one unknown name fails the whole query.
 * `clocks_throttle_reasons.active` is the old name, which newer drivers still take.
 */
export const queryGpuFields: readonly string[] = [
  'uuid',
  'index',
  'timestamp',
  'pstate',
  'fan.speed',
  'utilization.gpu',
  'utilization.memory',
  'memory.total',
  'memory.used',
  'memory.free',
  'temperature.gpu',
  'temperature.memory',
  'power.draw',
  'enforced.power.limit',
  'clocks.current.graphics',
  'clocks.current.sm',
  'clocks.current.memory',
  'clocks.current.video',
  'clocks_throttle_reasons.active',
  'pcie.link.gen.current',
  'pcie.link.width.current',
];

/** Columns of `--query-gpu`, by their newest name, and where their values go. */
export const queryFields: Readonly<Record<string, QueryField>> = {
  timestamp: { head: 'timestamp', as: 'text' },
  driver_version: { head: 'driverVersion', as: 'text' },
  kmd_version: { head: 'driverVersion', as: 'text', rank: 1 },
  uuid: { to: 'uuid', as: 'uuid' },
  index: { to: 'index', as: 'index' },
  name: { to: 'name', as: 'text' },
  serial: { to: 'serial', as: 'text' },
  'pci.bus_id': { to: 'pciBusId', as: 'text' },
  vbios_version: { to: 'vbiosVersion', as: 'text' },
  compute_cap: { to: 'computeCapability', as: 'text' },
  pstate: { to: 'performanceState', as: 'performanceState' },
  persistence_mode: { to: 'persistenceMode', as: 'flag' },
  compute_mode: { to: 'computeMode', as: 'text' },
  addressing_mode: { to: 'addressingMode', as: 'text' },
  'mig.mode.current': { to: 'migMode.current', as: 'flag' },
  'mig.mode.pending': { to: 'migMode.pending', as: 'flag' },
  'ecc.mode.current': { to: 'eccMode.current', as: 'flag' },
  'ecc.mode.pending': { to: 'eccMode.pending', as: 'flag' },
  'utilization.gpu': { to: 'utilization.gpuRatio', as: 'ratio' },
  'utilization.memory': { to: 'utilization.memoryRatio', as: 'ratio' },
  'utilization.encoder': { to: 'utilization.encoderRatio', as: 'ratio' },
  'utilization.decoder': { to: 'utilization.decoderRatio', as: 'ratio' },
  'utilization.jpeg': { to: 'utilization.jpegRatio', as: 'ratio' },
  'utilization.ofa': { to: 'utilization.ofaRatio', as: 'ratio' },
  'memory.total': { to: 'memory.totalBytes', as: 'bytes' },
  'memory.used': { to: 'memory.usedBytes', as: 'bytes' },
  'memory.free': { to: 'memory.freeBytes', as: 'bytes' },
  'memory.reserved': { to: 'memory.reservedBytes', as: 'bytes' },
  'temperature.gpu': { to: 'temperature.gpuCelsius', as: 'celsius' },
  'temperature.memory': { to: 'temperature.memoryCelsius', as: 'celsius' },
  'temperature.gpu.tlimit': { extra: 'temperatureLimitMarginCelsius', as: 'celsius' },
  'power.draw': { to: 'power.drawWatts', as: 'watts' },
  'power.draw.average': { to: 'power.averageWatts', as: 'watts' },
  'power.draw.instant': { to: 'power.instantWatts', as: 'watts' },
  'enforced.power.limit': { to: 'power.limitWatts', as: 'watts' },
  'power.limit': { to: 'power.limitWatts', extra: 'requestedLimitWatts', as: 'watts', rank: 1 },
  'power.default_limit': { to: 'power.defaultLimitWatts', as: 'watts' },
  'power.min_limit': { to: 'power.minLimitWatts', as: 'watts' },
  'power.max_limit': { to: 'power.maxLimitWatts', as: 'watts' },
  'clocks.current.graphics': { to: 'clocks.graphicsHertz', as: 'hertz' },
  'clocks.current.sm': { to: 'clocks.smHertz', as: 'hertz' },
  'clocks.current.memory': { to: 'clocks.memoryHertz', as: 'hertz' },
  'clocks.current.video': { to: 'clocks.videoHertz', as: 'hertz' },
  'clocks.max.graphics': { to: 'clocks.maxGraphicsHertz', as: 'hertz' },
  'clocks.max.sm': { to: 'clocks.maxSmHertz', as: 'hertz' },
  'clocks.max.memory': { to: 'clocks.maxMemoryHertz', as: 'hertz' },
  'fan.speed': { to: 'fanRatio', as: 'looseRatio' },
  'pcie.link.gen.current': { to: 'pcie.generation', as: 'count' },
  'pcie.link.gen.gpucurrent': {
    to: 'pcie.generation',
    extra: 'pcieDeviceGeneration',
    as: 'count',
    rank: 1,
  },
  'pcie.link.gen.max': { to: 'pcie.maxGeneration', as: 'count' },
  'pcie.link.gen.gpumax': { extra: 'pcieMaxDeviceGeneration', as: 'count' },
  'pcie.link.gen.hostmax': { extra: 'pcieMaxHostGeneration', as: 'count' },
  'pcie.link.width.current': { to: 'pcie.width', as: 'width' },
  'pcie.link.width.max': { to: 'pcie.maxWidth', as: 'width' },
  'ecc.errors.corrected.volatile.total': { to: 'ecc.volatile.correctable', as: 'count' },
  'ecc.errors.uncorrected.volatile.total': { to: 'ecc.volatile.uncorrectable', as: 'count' },
  'ecc.errors.corrected.aggregate.total': { to: 'ecc.aggregate.correctable', as: 'count' },
  'ecc.errors.uncorrected.aggregate.total': { to: 'ecc.aggregate.uncorrectable', as: 'count' },
  'retired_pages.single_bit_ecc.count': { to: 'retiredPages.singleBit', as: 'count' },
  'retired_pages.double_bit.count': { to: 'retiredPages.doubleBit', as: 'count' },
  'retired_pages.pending': { to: 'retiredPages.pending', as: 'flag' },
  'remapped_rows.correctable': { to: 'remappedRows.correctable', as: 'count' },
  'remapped_rows.uncorrectable': { to: 'remappedRows.uncorrectable', as: 'count' },
  'remapped_rows.pending': { to: 'remappedRows.pending', as: 'flag' },
  'remapped_rows.failure': { to: 'remappedRows.failure', as: 'flag' },
  gpu_recovery_action: { to: 'recoveryAction', as: 'text' },
  'fabric.state': { to: 'fabric.state', as: 'text' },
  'fabric.status': { to: 'fabric.status', as: 'text' },
  count: { extra: 'attachedGpus', as: 'count' },
  'encoder.stats.sessionCount': { extra: 'encoderSessions', as: 'count' },
  'encoder.stats.averageFps': { extra: 'encoderAverageFramesPerSecond', as: 'count' },
  'encoder.stats.averageLatency': { extra: 'encoderAverageLatencyMicroseconds', as: 'count' },
  display_mode: { extra: 'displayMode', as: 'text' },
  display_active: { extra: 'displayActive', as: 'text' },
  display_attached: { extra: 'displayAttached', as: 'text' },
  'clocks_event_reasons_counters.sw_power_cap': { extra: 'throttledSecondsSwPowerCap', as: 'seconds' },
  'clocks_event_reasons_counters.sync_boost': { extra: 'throttledSecondsSyncBoost', as: 'seconds' },
  'clocks_event_reasons_counters.sw_thermal_slowdown': {
    extra: 'throttledSecondsSwThermalSlowdown',
    as: 'seconds',
  },
  'clocks_event_reasons_counters.hw_thermal_slowdown': {
    extra: 'throttledSecondsHwThermalSlowdown',
    as: 'seconds',
  },
  'clocks_event_reasons_counters.hw_power_brake_slowdown': {
    extra: 'throttledSecondsHwPowerBrake',
    as: 'seconds',
  },
};

/** The other name of each column that has two; either can stand in a head. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['gpu_uuid', 'uuid'],
  ['gpu_name', 'name'],
  ['gpu_serial', 'serial'],
  ['gpu_bus_id', 'pci.bus_id'],
  ['gpu.power.requested_limit', 'power.limit'],
  ['gpu.power.current_limit', 'enforced.power.limit'],
  ['gpu.power.draw.average', 'power.draw.average'],
  ['gpu.power.draw.instant', 'power.draw.instant'],
  ['gpu.power.default_limit', 'power.default_limit'],
  ['gpu.power.min_limit', 'power.min_limit'],
  ['gpu.power.max_limit', 'power.max_limit'],
  ['clocks.gr', 'clocks.current.graphics'],
  ['clocks.sm', 'clocks.current.sm'],
  ['clocks.mem', 'clocks.current.memory'],
  ['clocks.video', 'clocks.current.video'],
  ['clocks.max.gr', 'clocks.max.graphics'],
  ['clocks.max.mem', 'clocks.max.memory'],
  ['retired_pages.sbe', 'retired_pages.single_bit_ecc.count'],
  ['retired_pages.dbe', 'retired_pages.double_bit.count'],
  ['remapped_rows.sbe', 'remapped_rows.correctable'],
  ['remapped_rows.dbe', 'remapped_rows.uncorrectable'],
]);

const known: ReadonlyMap<string, QueryField> = new Map(Object.entries(queryFields));

/** The entry of a column's name without its unit; undefined for one that we have no place for. */
export function queryFieldOf(name: string): QueryField | undefined {
  return known.get(aliases.get(name) ?? name);
}

/** Names that took the place of others, with another meaning of the word but the same value. */
const successors: ReadonlyMap<string, string> = new Map([
  ['driver_version', 'kmd_version'],
  ['clocks_throttle_reasons.active', 'clocks_event_reasons.active'],
]);

/** Other names under which drivers tell the same value, the best first. */
export function otherQueryNames(name: string): string[] {
  const successor = successors.get(name);
  const own = aliases.get(name) ?? name;
  const same = [own, ...[...aliases].flatMap(([alias, target]) => (target === own ? [alias] : []))];
  return [...same.filter((each) => each !== name), ...(successor === undefined ? [] : [successor])];
}

/** `clocks_event_reasons.X` or, up to R525, `clocks_throttle_reasons.X`: the X. */
export function throttleReasonOf(name: string): string | null {
  return /^clocks_(?:event|throttle)_reasons\.([a-z_]+)$/.exec(name)?.[1] ?? null;
}

/** Bits of `clocks_throttle_reasons.active`, from NVML. */
export const throttleBits: readonly (readonly [bigint, string])[] = [
  [0x1n, 'gpu_idle'],
  [0x2n, 'applications_clocks_setting'],
  [0x4n, 'sw_power_cap'],
  [0x8n, 'hw_slowdown'],
  [0x10n, 'sync_boost'],
  [0x20n, 'sw_thermal_slowdown'],
  [0x40n, 'hw_thermal_slowdown'],
  [0x80n, 'hw_power_brake_slowdown'],
  [0x100n, 'display_clocks_setting'],
];
