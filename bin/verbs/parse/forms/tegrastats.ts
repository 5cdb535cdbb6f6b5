import { emptyGpu, isTegrastatsText, parseTegrastats } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

/** A Jetson has one GPU; its memory is the host's, and stays in the samples. */
export const tegrastats: Form = {
  kind: 'tegrastats',
  matches: isTegrastatsText,
  read(text) {
    const told = parseTegrastats(text);
    const newest = told.samples.at(-1);
    if (newest === undefined) return { ...told };
    const { utilization, clocks, temperature, power } = emptyGpu();
    const { gpuRatio, gpuHertz, temperaturesCelsius, railsWatts } = newest;
    return {
      ...told,
      ...namedGpus([
        {
          index: 0,
          utilization: { ...utilization, gpuRatio },
          clocks: { ...clocks, graphicsHertz: gpuHertz },
          temperature: { ...temperature, gpuCelsius: temperaturesCelsius['gpu'] ?? null },
          // Rails such as VDD_CPU_GPU_CV feed others too.
          power: { ...power, drawWatts: railsWatts['VDD_GPU'] ?? railsWatts['VDD_SYS_GPU'] ?? null },
        },
      ]),
      gpuStates: [{ state: 'ok', failure: null }],
    };
  },
};
