import { type HostRule, hostHref } from '../host-rule.ts';

/** A card that fell off the bus is on no list any more: only what the host had before tells that it was there. */
export const gpuFewer: HostRule = {
  name: 'gpu-fewer',
  severity: 'critical',
  watches: 'A host has fewer GPUs than it had within the last week.',
  afterSeconds: 60,
  cleared: 'the host has as many GPUs as before, or has had fewer for a week',
  needs: 'numbers',
  find(host, { severity }) {
    const before = host.gpusBefore;
    const now = host.report?.gpus.length ?? 0;
    if (now >= before) return [];
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: 'Fewer GPUs than before',
          what: `${host.hostname} has ${now} GPUs and had ${before}`,
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
