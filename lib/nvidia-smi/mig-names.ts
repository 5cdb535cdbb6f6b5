import type { Gpu, MigDevice } from '../model/index.ts';
import type { SmiList, SmiListMigDevice } from './types.ts';

/**
 * The GPU with uuid and profile of its MIG devices, which only `nvidia-smi -L` prints. Matched by the parent's uuid
 * and the device's index, or by its instances where the old uuid form tells them.
 */
export function withMigNames(gpu: Gpu, list: SmiList): Gpu {
  if (gpu.uuid === null || gpu.migDevices.length === 0) return gpu;
  const listed = list.gpus.find(({ uuid }) => uuid === gpu.uuid)?.migDevices ?? [];
  if (listed.length === 0) return gpu;
  return {
    ...gpu,
    migDevices: gpu.migDevices.map((device) => {
      const named = listed.find((candidate) => isSame(device, candidate));
      if (named === undefined) return device;
      return { ...device, uuid: device.uuid ?? named.uuid, profile: device.profile ?? named.profile };
    }),
  };
}

function isSame(device: MigDevice, named: SmiListMigDevice): boolean {
  if (named.gpuInstanceId === null) return device.index === named.index;
  return device.gpuInstanceId === named.gpuInstanceId && device.computeInstanceId === named.computeInstanceId;
}
