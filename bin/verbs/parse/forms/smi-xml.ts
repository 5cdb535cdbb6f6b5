import { parseSmiXml } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';

export const smiXml: Form = {
  kind: 'smi-xml',
  matches: (text) => /<(?:nvidia_smi_log|!DOCTYPE\s+nvidia_smi_log)\b/.test(text.slice(0, 65_536)),
  read(text) {
    const { gpus, failure, ...document } = parseSmiXml(text);
    return {
      ...document,
      gpus: gpus.map(({ gpu }) => gpu),
      gpuStates: gpus.map((gpu) => ({ state: gpu.state, failure: gpu.failure })),
      extra: gpus.map(({ extra }) => extra),
      processes: gpus.flatMap(({ gpu }) =>
        gpu.processes.map((process) => ({ gpuUuid: gpu.uuid, gpuIndex: gpu.index, ...process })),
      ),
      failure: failure ?? gpus.find((gpu) => gpu.failure !== null)?.failure ?? null,
    };
  },
};
