import type { DoctorFinding, PciGpu } from '../../model/index.ts';
import { type DoctorCheck, found, passed, unknown, whyUnknown } from '../check.ts';
import type { SmiFacts, StackFacts } from '../facts.ts';

type Finding = Omit<DoctorFinding, 'check'>;

const shortBusId = (busId: string): string => busId.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '');

const noGpu: Finding = {
  code: 'no-gpu',
  severity: 'warning',
  what: 'There is no NVIDIA GPU on the PCI bus of this host.',
  why: 'If there should be one, the machine itself does not see it: no driver can help.',
  fix: [
    '$ lspci -nn -d 10de:',
    'Check seating and power of the card, and in the firmware that its slot is on; in a virtual machine, that the GPU is passed through.',
  ],
  evidence: [],
};

function lost({ gpus, failure }: SmiFacts): readonly Finding[] {
  const gone = gpus.filter(({ state }) => state === 'lost');
  if (gone.length === 0 && failure?.code !== 'gpu-lost') return [];
  const names = gone.map(({ index, pciBusId }) => `GPU ${index ?? '?'} (${pciBusId ?? 'unknown bus id'})`);
  return [
    {
      code: 'gpu-lost',
      severity: 'critical',
      what: `${names.length === 0 ? `GPU ${failure?.gpu ?? '?'}` : names.join(', ')} fell off the bus.`,
      why: 'The machine can no longer reach it over PCIe: power, heat, seating or the board itself.',
      fix: [
        'Drain the host and reboot it; often only a power cycle brings the GPU back.',
        '$ dmesg | grep -iE "xid|aer|pcieport"',
        'If it goes again, reseat or swap the card.',
      ],
      evidence: failure === null ? [] : [`nvidia-smi: ${failure.message}`],
    },
  ];
}

/** GPUs of the bus that nvidia-smi does not name, those given to virtual machines left out. */
function missing(onBus: readonly PciGpu[], smi: SmiFacts, { kernelLog }: StackFacts): readonly Finding[] {
  if (smi.failure !== null && smi.failure.code !== 'gpu-lost' && smi.failure.code !== 'no-devices') return [];
  const seen = new Set(smi.gpus.flatMap(({ pciBusId }) => (pciBusId === null ? [] : [shortBusId(pciBusId)])));
  // A GPU that tells no bus id can be any of them.
  if (smi.gpus.some(({ pciBusId }) => pciBusId === null)) return [];
  const unseen = onBus.filter(({ busId }) => !seen.has(shortBusId(busId)));
  if (unseen.length === 0) return [];
  const log = kernelLog.state === 'known' ? kernelLog.value : [];
  const isAll = smi.gpus.length === 0;
  return [
    {
      code: isAll ? 'no-devices' : 'gpu-missing',
      severity: 'critical',
      what: isAll
        ? `nvidia-smi names no GPU, and ${onBus.length} ${onBus.length === 1 ? 'is' : 'are'} on the PCI bus.`
        : `${unseen.length} of ${onBus.length} GPUs on the PCI bus are not among nvidia-smi’s.`,
      why: 'The driver did not start them: broken hardware, the wrong flavour of the module (open or proprietary), or a GPU that this driver does not support.',
      fix: [
        '$ dmesg | grep NVRM',
        'Install the flavour of the module that the GPU needs: Blackwell and newer the open one, before Turing the proprietary one.',
        'If the kernel log says RmInitAdapter failed, power-cycle the machine.',
      ],
      evidence: [
        ...unseen.map(({ busId, driver }) => `${busId}: driver ${driver ?? 'none'}`),
        ...log
          .filter((line) => /RmInitAdapter failed|probe routine failed|not supported by/i.test(line))
          .slice(-4),
      ],
    },
  ];
}

/** Whether every GPU that is plugged in is one that nvidia-smi sees. */
export const gpusCheck: DoctorCheck = {
  name: 'gpus',
  judge(facts) {
    const { pci, smi } = facts;
    const answers = smi.state === 'known' && smi.value.gpus.length > 0;
    const isLost = smi.state === 'known' ? lost(smi.value) : [];
    if (pci.state !== 'known')
      return answers || isLost.length > 0 ? found(...isLost) : unknown(whyUnknown(pci));
    const onBus = pci.value.filter(({ passedThrough, driver }) => !passedThrough && driver !== 'nouveau');
    if (!answers && pci.value.length === 0)
      return isLost.length > 0 ? found(...isLost) : found({ ...noGpu, evidence: [`${pci.from} names none`] });
    const unseen = smi.state === 'known' && onBus.length > 0 ? missing(onBus, smi.value, facts) : [];
    if (unseen.length === 0 && isLost.length === 0 && smi.state !== 'known') return unknown(whyUnknown(smi));
    return unseen.length + isLost.length === 0 ? passed : found(...isLost, ...unseen);
  },
};
