import { type HostRule, namedGpu } from '../host-rule.ts';

/** Idle clients such as a monitor hold some hundred MiB; a job holds more. */
const leastHeldBytes = 1024 ** 3;
/** Above the threshold by so much it works again. */
const hysteresisRatio = 0.02;

export const gpuHeldIdle: HostRule = {
  name: 'gpu-held-idle',
  severity: 'warning',
  watches: 'Processes hold memory of a GPU for half a day and do not use it.',
  afterSeconds: 43_200,
  clearSeconds: 60,
  cleared: 'it is used again, or was let go',
  needs: 'numbers',
  threshold: {
    default: 0.01,
    min: 0,
    max: 0.5,
    unit: 'ratio',
    says: 'the use up to which it counts as idle',
  },
  find(host, { severity, threshold }) {
    return (host.report?.gpus ?? []).flatMap((gpu) => {
      const { gpuRatio } = gpu.utilization;
      const used = gpu.memory.usedBytes ?? 0;
      // With MIG the driver tells no use of the whole GPU.
      if (gpu.state !== 'ok' || gpuRatio === null || gpu.migMode?.current === true) return [];
      if (gpu.processes.length === 0 || used < leastHeldBytes || gpuRatio > threshold + hysteresisRatio)
        return [];
      const { key, words, model, labels, href } = namedGpu(host, gpu);
      return [
        {
          subject: key,
          model,
          lingers: gpuRatio > threshold,
          facts: {
            severity,
            cause: 'GPU held idle',
            what: `${words} is held and not used`,
            since: null,
            whyItMatters: 'Nobody else can have it meanwhile.',
            whatToDo: 'See on its page who holds it, and ask them; a notebook left open is the usual one.',
            href,
            labels,
          },
        },
      ];
    });
  },
};
