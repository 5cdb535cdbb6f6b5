import { isContainerCli, parseContainerCli } from '../../../../lib/host-facts/index.ts';
import { emptyGpu } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';

export const containerCli: Form = {
  kind: 'container-cli',
  matches: isContainerCli,
  read(text) {
    const { devices, ...told } = parseContainerCli(text);
    return {
      ...told,
      gpus: devices.map((device) => ({ ...emptyGpu(), ...device })),
      gpuStates: devices.map(() => ({ state: 'ok' as const, failure: null })),
      extra: devices.map(() => ({})),
    };
  },
};
