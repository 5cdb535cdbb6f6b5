'use client';
import { type HostDetail, kernelBusId, type PciGpu } from '../../../lib/model/index.ts';
import { SimpleTable } from '../../components/simple-table.tsx';
import { Value } from '../../components/value.tsx';

/** What nvidia-smi makes of a GPU that is plugged in. */
function wordsOf(pci: PciGpu, host: HostDetail): { text: string; isBad: boolean } {
  const gpu = host.gpus.find(({ pciBusId }) => pciBusId !== null && kernelBusId(pciBusId) === pci.busId);
  if (pci.passedThrough) return { text: 'passed through to a virtual machine', isBad: false };
  if (pci.powerStatus === 'suspended') return { text: 'asleep, and not woken to be read', isBad: false };
  if (host.state === 'paused') return { text: 'not read while paused', isBad: false };
  if (host.state === 'gone' || host.state === 'late' || host.state === 'starting')
    return { text: 'not known now', isBad: false };
  if (gpu !== undefined && gpu.state !== 'ok') return { text: 'lost', isBad: true };
  if (gpu === undefined) return { text: 'does not answer', isBad: true };
  return host.current
    ? { text: `answers as GPU ${gpu.index ?? '?'}`, isBad: false }
    : { text: 'does not answer now', isBad: true };
}

const text = (value: string): string => value;

/** The GPUs that are plugged in, as the kernel sees them: true also while nvidia-smi is dead. */
export function PciBus({ host }: { host: HostDetail }) {
  if (host.pciGpus === null || host.pciGpus.length === 0) return null;
  return (
    <section className="border-t border-line" data-testid="pci-bus">
      <h3 className="px-4 pt-3 font-medium">GPUs on the PCI bus</h3>
      <SimpleTable
        caption="NVIDIA GPUs on the PCI bus"
        columns={[
          { header: 'Address', card: 'title' },
          { header: 'nvidia-smi', card: 'state' },
          { header: 'Driver', card: 'labelled' },
          { header: 'Power', card: 'labelled' },
          { header: 'Device', card: 'labelled' },
        ]}
        rows={host.pciGpus.map((pci) => {
          const words = wordsOf(pci, host);
          return {
            key: pci.busId,
            cells: [
              <code key="bus" className="font-mono text-[13px]">
                {pci.busId}
              </code>,
              <span key="state" className={words.isBad ? 'font-medium text-crit' : 'text-muted'}>
                {words.text}
              </span>,
              <Value key="driver" value={pci.driver} format={text} reason="no driver is bound to it" />,
              <Value key="power" value={pci.powerStatus} format={text} reason="the kernel does not tell" />,
              <code key="device" className="font-mono text-[13px]">
                10de:{pci.deviceId}
              </code>,
            ],
          };
        })}
      />
    </section>
  );
}
