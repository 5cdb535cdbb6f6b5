import type { DoctorFinding } from '../../model/index.ts';
import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { fabricService, loadedVersion, type StackFacts } from '../facts.ts';

type Finding = Omit<DoctorFinding, 'check'>;

/** NVSwitches on the bus, or GPUs that belong to a fabric (where the switches are in another machine's rack). */
function hasFabric({ nvSwitches, smi }: StackFacts): boolean {
  if (nvSwitches.state === 'known') return true;
  return smi.state === 'known' && smi.value.gpus.some(({ fabric }) => isState(fabric.state));
}

const isState = (state: string | null): boolean =>
  state !== null && !/^(?:n\/?a|not ?supported|unknown)$/i.test(state.trim());

function wrongVersion(facts: StackFacts): readonly Finding[] {
  const { fabricManagerVersion: manager } = facts;
  const loaded = loadedVersion(facts);
  if (manager.state !== 'known' || loaded === null || manager.value === loaded) return [];
  return [
    {
      code: 'fabric-manager-mismatch',
      severity: 'critical',
      what: `The fabric manager is ${manager.value} and the driver ${loaded}.`,
      why: 'It works only with a driver of exactly its own version; CUDA then fails with error 802.',
      fix: [
        `$ apt-get install -y nvidia-fabricmanager=${loaded}-1   # or nvidia-fabricmanager-${loaded.split('.', 1)[0]}=${loaded}*`,
        '$ systemctl restart nvidia-fabricmanager',
      ],
      evidence: [`${manager.from}: ${manager.value}`, `loaded module: ${loaded}`],
    },
  ];
}

function notRunning({ services, fabricManagerVersion, nvSwitches }: StackFacts): readonly Finding[] {
  if (nvSwitches.state !== 'known') return [];
  const state = services.state === 'known' ? (services.value.get(fabricService) ?? 'unknown') : 'unknown';
  const isMissing = fabricManagerVersion.state === 'absent';
  if (!isMissing && (state === 'active' || state === 'activating' || state === 'unknown')) return [];
  return [
    {
      code: 'fabric-manager-not-running',
      severity: 'critical',
      what: isMissing
        ? 'This machine has NVSwitches and no fabric manager is installed.'
        : 'This machine has NVSwitches and its fabric manager does not run.',
      why: 'Nothing sets up the NVLink fabric, so CUDA fails with error 802, "system not yet initialized".',
      fix: isMissing
        ? [
            'Install nvidia-fabricmanager of exactly the driver’s version, then:',
            '$ systemctl enable --now nvidia-fabricmanager',
          ]
        : ['$ systemctl enable --now nvidia-fabricmanager', '$ journalctl -u nvidia-fabricmanager -n 50'],
      evidence: [
        isMissing
          ? `${fabricManagerVersion.from} is not there`
          : `systemctl is-active ${fabricService}: ${state}`,
      ],
    },
  ];
}

function notReady({ smi }: StackFacts): readonly Finding[] {
  const gpus = smi.state === 'known' ? smi.value.gpus : [];
  const waiting = gpus.filter(
    ({ fabric }) => isState(fabric.state) && !/^completed$/i.test(fabric.state ?? ''),
  );
  const [first] = waiting;
  if (first === undefined) return [];
  return [
    {
      code: 'fabric-not-ready',
      severity: 'critical',
      what: `${waiting.length} of ${gpus.length} GPUs have not joined the NVLink fabric.`,
      why: 'Until the state is Completed, CUDA fails on them with error 802.',
      fix: ['$ systemctl status nvidia-fabricmanager', '$ tail -50 /var/log/fabricmanager.log'],
      evidence: waiting.slice(0, 4).map(({ index, fabric }) => `GPU ${index}: fabric state ${fabric.state}`),
    },
  ];
}

/** Whether the NVLink fabric of a machine with NVSwitches is managed, by the right version. */
export const fabricManagerCheck: DoctorCheck = {
  name: 'fabric-manager',
  judge(facts) {
    if (facts.smi.state === 'unknown' && facts.nvSwitches.state === 'unknown')
      return unknown(whyUnknown(facts.nvSwitches));
    if (!hasFabric(facts)) return notApplicable;
    const findings = [...wrongVersion(facts), ...notRunning(facts), ...notReady(facts)];
    if (findings.length > 0) return found(...findings);
    const { fabricManagerVersion, services } = facts;
    return fabricManagerVersion.state === 'unknown' && services.state === 'unknown'
      ? unknown(whyUnknown(fabricManagerVersion))
      : passed;
  },
};
