import { overGpus } from '../../../lib/model/index.ts';
import type { SmiDocument, SmiGpu } from '../../../lib/nvidia-smi/index.ts';

/** What a document tells of firmware and settings that no report carries, over all GPUs; null: none tells it. */
export interface GpuSoftware {
  readonly gspFirmware: string | null;
  readonly inforom: string | null;
  /** `1410 MHz, memory 1593 MHz` */
  readonly applicationClocks: string | null;
}

const textOf = ({ extra }: SmiGpu, name: string): string | null => {
  const value = extra[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

function clocksOf({ extra }: SmiGpu): string | null {
  const megahertz = (name: string): number | null => {
    const hertz = extra[name];
    return typeof hertz === 'number' ? Math.round(hertz / 1e6) : null;
  };
  const graphics = megahertz('applicationGraphicsHertz');
  const memory = megahertz('applicationMemoryHertz');
  return graphics === null || memory === null ? null : `${graphics} MHz, memory ${memory} MHz`;
}

export function gpuSoftwareOf({ gpus }: Pick<SmiDocument, 'gpus'>): GpuSoftware {
  const own = gpus.filter(({ state }) => state === 'ok');
  const over = (read: (gpu: SmiGpu) => string | null): string | null =>
    overGpus(own.map((each) => ({ index: each.gpu.index, value: read(each) })));
  return {
    gspFirmware: over((gpu) => textOf(gpu, 'gspFirmwareVersion')),
    inforom: over((gpu) => textOf(gpu, 'inforomImageVersion')),
    applicationClocks: over(clocksOf),
  };
}
