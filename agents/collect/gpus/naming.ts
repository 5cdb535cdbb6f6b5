import {
  parseQueryGpu,
  parseSmiList,
  type SmiDocument,
  type SmiGpu,
  type SmiList,
  withMigNames,
} from '../../../lib/nvidia-smi/index.ts';
import type { HostAccess } from '../../access/host-access.ts';

const maxOutputBytes = 1024 * 1024;

export interface Naming {
  /** The document with what it leaves out; unchanged where nvidia-smi does not tell. */
  add(document: SmiDocument, program: string): Promise<SmiDocument>;
}

/**
 * What a GPU is and the XML does not say: compute capability (a query field since about R470; an older driver refuses
 * it), uuid and profile of MIG devices (`-L`). Asked once, and again when GPUs, driver or MIG layout are others.
 */
export function createNaming(access: HostAccess, deadlineSeconds: number): Naming {
  const ask = (command: [string, ...string[]]) => access.run(command, { deadlineSeconds, maxOutputBytes });
  let layout = '';
  let list: SmiList | null = null;
  let inventory = '';
  let capabilities: ReadonlyMap<string | null, string | null> = new Map();
  const askCapabilities = async (document: SmiDocument, program: string): Promise<void> => {
    const now = JSON.stringify([document.driverVersion, document.gpus.map(({ gpu }) => gpu.uuid)]);
    if (now === inventory) return;
    const result = await ask([program, '--query-gpu=uuid,compute_cap', '--format=csv']);
    inventory = now;
    if (result.exitCode !== 0) return;
    const rows = parseQueryGpu(result.stdout).gpus;
    capabilities = new Map(rows.map(({ uuid, gpu }) => [uuid, gpu.computeCapability ?? null]));
  };
  const askMigNames = async (document: SmiDocument, program: string): Promise<void> => {
    const devices = JSON.stringify(document.gpus.map(({ gpu }) => [gpu.uuid, gpu.migDevices.map(placeOf)]));
    if (devices === layout) return;
    const answer = parseSmiList((await ask([program, '-L'])).stdout);
    const hasNames = answer.gpus.some(({ migDevices }) => migDevices.length > 0);
    list = hasNames ? answer : null;
    layout = hasNames ? devices : '';
  };
  const named = ({ gpu, ...rest }: SmiGpu): SmiGpu => {
    const capable = {
      ...gpu,
      computeCapability: gpu.computeCapability ?? capabilities.get(gpu.uuid) ?? null,
    };
    return { ...rest, gpu: list === null ? capable : withMigNames(capable, list) };
  };
  return {
    async add(document, program) {
      await askCapabilities(document, program);
      if (document.gpus.some(({ gpu }) => gpu.migDevices.length > 0)) await askMigNames(document, program);
      return { ...document, gpus: document.gpus.map(named) };
    },
  };
}

const placeOf = (device: SmiGpu['gpu']['migDevices'][number]): readonly (number | null)[] => [
  device.index,
  device.gpuInstanceId,
  device.computeInstanceId,
];
