import { countPci, kernelBusId } from '../../../model/index.ts';
import { type HostRule, hostHref } from '../host-rule.ts';
import type { HostReading } from '../rule.ts';

interface Count {
  readonly now: number;
  readonly where: string;
}

/** By nvidia-smi's list; where that is not of now, by the PCI bus, with those told to have left it. Null: neither tells. */
function countOf({ report, current }: HostReading): Count | null {
  if (report === null) return null;
  if (current) return { now: report.gpus.length, where: '' };
  const { own } = countPci(report.pciGpus ?? [], [], false);
  // Elsewhere (WSL, Jetson) GPUs are on no bus.
  if (own === 0) return null;
  const onBus = new Set(report.pciGpus?.map(({ busId }) => busId));
  const left = report.gpus.filter(
    ({ state, pciBusId }) => state === 'lost' && pciBusId !== null && !onBus.has(kernelBusId(pciBusId)),
  );
  return { now: own + left.length, where: ' on the PCI bus' };
}

/** A card that fell off the bus is on no list any more: only what the host had before tells that it was there. */
export const gpuFewer: HostRule = {
  name: 'gpu-fewer',
  severity: 'critical',
  watches: 'A host has fewer GPUs than it had within the last week.',
  afterSeconds: 60,
  cleared: 'the host has as many GPUs as before, or has had fewer for a week',
  needs: 'numbers-to-end',
  find(host, { severity }) {
    const before = host.gpusBefore;
    const count = countOf(host);
    if (count === null || count.now >= before) return [];
    const { now, where } = count;
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: 'Fewer GPUs than before',
          what: `${host.hostname} has ${now} GPU${now === 1 ? '' : 's'}${where} and had ${before}`,
          since: null,
          whyItMatters:
            'A GPU that fell off the bus is on no list any more: nothing else tells that it is missing.',
          whatToDo: `If a card was taken out, acknowledge this. Otherwise power-cycle ${host.hostname}, then check the seating and the power of the card.`,
          href: hostHref(host),
          labels: { gpus_before: String(before) },
        },
      },
    ];
  },
};
