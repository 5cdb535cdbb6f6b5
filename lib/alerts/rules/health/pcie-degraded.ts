import { type HostRule, namedGpu } from '../host-rule.ts';

/** Above this use a GPU has no reason to keep its link slow. */
const loadRatio = 0.5;

/** Under load only: idle, the driver lowers the link to save power. While idle nothing new is known of an open one. */
export const pcieDegraded: HostRule = {
  name: 'pcie-degraded',
  severity: 'warning',
  watches: 'A GPU under load has fewer PCI Express lanes, or an older generation, than it can have.',
  afterSeconds: 300,
  clearSeconds: 300,
  cleared: 'the link is as wide and fast as it can be',
  needs: 'numbers',
  find(host, { severity }) {
    return (host.report?.gpus ?? []).flatMap((gpu) => {
      if (gpu.state !== 'ok') return [];
      const { width, maxWidth, generation, maxGeneration } = gpu.pcie;
      const isNarrow = width !== null && maxWidth !== null && width > 0 && width < maxWidth;
      const isOld = generation !== null && maxGeneration !== null && generation < maxGeneration;
      if (!isNarrow && !isOld) return [];
      const { key, words, model, labels, href } = namedGpu(host, gpu);
      const told = [
        ...(isNarrow ? [`${width} of ${maxWidth} lanes`] : []),
        ...(isOld ? [`generation ${generation} of ${maxGeneration}`] : []),
      ].join(' and ');
      return [
        {
          subject: key,
          model,
          lingers: (gpu.utilization.gpuRatio ?? 0) < loadRatio,
          facts: {
            severity,
            cause: 'PCI Express link degraded',
            what: `${words} has ${told} under load`,
            since: null,
            whyItMatters: 'Data moves slower to and from it, which holds up training on several GPUs.',
            whatToDo: 'Check the seating of the card, risers and cables, and the slot that it is in.',
            href,
            labels,
          },
        },
      ];
    });
  },
};
