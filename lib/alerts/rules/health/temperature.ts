import { type HostRule, namedGpu } from '../host-rule.ts';

/** Below the threshold by so much, it is cool enough again. */
const hysteresisCelsius = 3;

/** By the distance to the temperature at which the GPU slows itself down, where it tells one. */
export const temperature: HostRule = {
  name: 'temperature',
  severity: 'warning',
  watches:
    'A GPU is as hot as its own slowdown temperature less the threshold, or 90 °C where it tells none.',
  afterSeconds: 300,
  clearSeconds: 120,
  cleared: 'it is cool enough',
  needs: 'numbers',
  threshold: {
    default: 3,
    min: 0,
    max: 60,
    unit: 'celsius',
    says: 'how far below the slowdown temperature it fires',
  },
  find(host, { severity, threshold }) {
    return (host.report?.gpus ?? []).flatMap((gpu) => {
      const { gpuCelsius, slowdownCelsius } = gpu.temperature;
      if (gpu.state !== 'ok' || gpuCelsius === null) return [];
      const limit = slowdownCelsius === null ? 90 : slowdownCelsius - threshold;
      if (gpuCelsius < limit - hysteresisCelsius) return [];
      const { key, words, model, labels, href } = namedGpu(host, gpu);
      return [
        {
          subject: key,
          model,
          lingers: gpuCelsius < limit,
          facts: {
            severity,
            cause: 'GPU too hot',
            what: `${words} is at ${limit} °C or above`,
            since: null,
            whyItMatters:
              'At its slowdown temperature it lowers its clock, and somewhat above it turns itself off.',
            whatToDo:
              'Check fans, air flow and the temperature of the room, and whether its neighbours are as hot.',
            href,
            labels,
          },
        },
      ];
    });
  },
};
