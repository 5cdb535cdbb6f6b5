import {
  type AlertFieldName,
  currentStack,
  driverVersionOf,
  powerWattsOf,
  type ReportedGpu,
  retiredPagesOf,
} from '../../model/index.ts';
import type { HostReading } from './rule.ts';

export type FieldValue = number | string | boolean | null;

const share = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole <= 0 ? null : part / whole;

/** How a field is read of a GPU; null where the tool does not tell it. */
const gpuFields: Readonly<Record<string, (gpu: ReportedGpu) => FieldValue>> = {
  'gpu.utilization': (gpu) => gpu.utilization.gpuRatio,
  'gpu.memory-utilization': (gpu) => gpu.utilization.memoryRatio,
  'gpu.memory-used': (gpu) => gpu.memory.usedBytes,
  'gpu.memory-used-share': (gpu) => share(gpu.memory.usedBytes, gpu.memory.totalBytes),
  'gpu.temperature': (gpu) => gpu.temperature.gpuCelsius,
  'gpu.memory-temperature': (gpu) => gpu.temperature.memoryCelsius,
  'gpu.power': powerWattsOf,
  'gpu.power-share': (gpu) => share(powerWattsOf(gpu), gpu.power.limitWatts),
  'gpu.power-limit': (gpu) => gpu.power.limitWatts,
  'gpu.fan': (gpu) => gpu.fanRatio,
  'gpu.sm-clock': (gpu) => gpu.clocks.smHertz,
  'gpu.memory-clock': (gpu) => gpu.clocks.memoryHertz,
  'gpu.pcie-generation': (gpu) => gpu.pcie.generation,
  'gpu.pcie-width': (gpu) => gpu.pcie.width,
  'gpu.pcie-replays': (gpu) => gpu.pcie.replays,
  'gpu.ecc-uncorrectable': (gpu) => gpu.ecc.volatile.uncorrectable,
  'gpu.ecc-uncorrectable-ever': (gpu) => gpu.ecc.aggregate.uncorrectable,
  'gpu.ecc-correctable': (gpu) => gpu.ecc.volatile.correctable,
  'gpu.remapped-rows': (gpu) => gpu.remappedRows.uncorrectable,
  'gpu.retired-pages': (gpu) => retiredPagesOf(gpu.retiredPages),
  'gpu.processes': (gpu) => gpu.processes.length,
  'gpu.ecc-mode': (gpu) => gpu.eccMode?.current ?? null,
  'gpu.persistence-mode': (gpu) => gpu.persistenceMode,
  'gpu.mig-mode': (gpu) => gpu.migMode?.current ?? null,
  'gpu.compute-mode': (gpu) => gpu.computeMode,
  'gpu.performance-state': (gpu) => gpu.performanceState,
  'gpu.vbios': (gpu) => gpu.vbiosVersion,
};

const stackOf = ({ report }: HostReading) => (report === null ? null : currentStack(report));

const hostFields: Readonly<Record<string, (host: HostReading) => FieldValue>> = {
  'host.gpus': ({ report }) => report?.gpus.filter(({ state }) => state === 'ok').length ?? null,
  'host.containers': ({ report }) => report?.containers.length ?? null,
  'host.uptime': (host) => {
    const bootedAt = stackOf(host)?.bootedAt ?? null;
    return bootedAt === null || host.receivedAtMillis === null
      ? null
      : (host.receivedAtMillis - Date.parse(bootedAt)) / 1000;
  },
  'host.driver': (host) => {
    const stack = stackOf(host);
    return stack === null ? null : driverVersionOf(stack);
  },
  'host.cuda': (host) => stackOf(host)?.cudaVersion ?? null,
  'host.toolkit': (host) => stackOf(host)?.containerToolkitVersion ?? null,
  'host.kernel': (host) => stackOf(host)?.kernelVersion ?? null,
  'host.agent': ({ agentVersion }) => agentVersion,
};

export const gpuField = (field: AlertFieldName, gpu: ReportedGpu): FieldValue =>
  gpuFields[field]?.(gpu) ?? null;
export const hostField = (field: AlertFieldName, host: HostReading): FieldValue =>
  hostFields[field]?.(host) ?? null;
/** Those that can be read; a test holds them against the list of the model. */
export const readableFields: readonly string[] = [...Object.keys(gpuFields), ...Object.keys(hostFields)];
