import { countPci, kernelBusId, type PciGpu, type ReportedGpu } from '../../../model/index.ts';
import { type HostRule, hostHref } from '../host-rule.ts';

const plural = (count: number): string => `${count} GPU${count === 1 ? '' : 's'}`;

/** A GPU of the list that left the bus stands for none that is on it; one without an address may be any. */
function notTold(pciGpus: readonly PciGpu[], gpus: readonly ReportedGpu[]): number {
  const told = new Set(gpus.flatMap(({ pciBusId }) => (pciBusId === null ? [] : [kernelBusId(pciBusId)])));
  const untold = pciGpus.filter(({ busId, passedThrough }) => !passedThrough && !told.has(busId));
  return untold.length - gpus.filter(({ pciBusId }) => pciBusId === null).length;
}

/** Fewer GPUs than are plugged in: known from the PCI bus, which needs no driver. */
export const gpuMissing: HostRule = {
  name: 'gpu-missing',
  severity: 'critical',
  watches: 'nvidia-smi tells of fewer GPUs than are plugged into the PCI bus.',
  afterSeconds: 30,
  cleared: 'nvidia-smi tells of every GPU on the bus',
  needs: 'numbers',
  find(host, { severity }) {
    const { report } = host;
    if (report?.pciGpus == null) return [];
    const { own, unbound } = countPci(report.pciGpus, report.gpus, true);
    const missing = notTold(report.pciGpus, report.gpus);
    if (missing <= 0) return [];
    const listed = own - missing;
    const names = unbound.map(({ busId }) => busId).slice(0, 8);
    const where = names.length === 0 ? '' : ` (${names.join(', ')})`;
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: 'Fewer GPUs than are plugged in',
          what: `${host.hostname}: nvidia-smi tells of ${listed} of the ${plural(own)} on the PCI bus${where}`,
          since: null,
          whyItMatters: 'Work that needs them does not start, and a scheduler may still count on them.',
          whatToDo: `Look at the kernel log of ${host.hostname} for what the driver says of them (dmesg | grep -i nvrm), then at the driver that each is bound to (lspci -nnk -d 10de:).`,
          href: hostHref(host),
        },
      },
    ];
  },
};
