import type { ReportedGpu } from '../model/index.ts';
import { type Finding, state } from './finding.ts';
import { memoryFindings } from './memory-findings.ts';

type JudgedGpu = Pick<
  ReportedGpu,
  | 'state'
  | 'failure'
  | 'ecc'
  | 'remappedRows'
  | 'retiredPages'
  | 'recoveryAction'
  | 'throttleReasons'
  | 'temperature'
  | 'power'
  | 'pcie'
  | 'utilization'
  | 'fabric'
  | 'persistenceMode'
>;

const fabricSource = 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/';
const persistenceSource = 'https://docs.nvidia.com/deploy/driver-persistence/';
/** Above this use a GPU has no reason to keep its link slow. */
const loadRatio = 0.5;

/** In the order in which a person would look. A GPU that tells no values has no findings but that. */
export function gpuFindings(gpu: JudgedGpu): readonly Finding[] {
  if (gpu.state !== 'ok') return [lost(gpu)];
  return recovery(gpu).concat(memoryFindings(gpu), throttles(gpu), link(gpu), fabric(gpu), persistence(gpu));
}

function lost({ state: told, failure }: JudgedGpu): Finding {
  const detail = failure?.message ?? null;
  if (told === 'lost') {
    const advice =
      'It comes back only with a reset or a restart: drain the host and restart it, with a power cycle if that is not enough.';
    return state('gpu-lost', 'critical', ['The GPU is lost', detail, advice]);
  }
  const advice = 'Look at the kernel log for what the driver says of it, and reset the GPU.';
  return state('gpu-failed', 'critical', ['nvidia-smi names the GPU and gives no values', detail, advice]);
}

function recovery({ recoveryAction }: JudgedGpu): Finding[] {
  if (recoveryAction === null || /^none$/i.test(recoveryAction)) return [];
  const advice = /reboot/i.test(recoveryAction)
    ? 'Drain the host and restart it.'
    : /drain p2p/i.test(recoveryAction)
      ? 'Start no new work that uses several GPUs with this one, and reset it when it is free.'
      : 'Drain the GPU, then reset it: nvidia-smi --gpu-reset -i GPU.';
  const severity = /^drain p2p$/i.test(recoveryAction) ? 'warning' : 'critical';
  return [state('recovery-action', severity, [`The driver asks for "${recoveryAction}"`, null, advice])];
}

interface Slowdown {
  readonly title: string;
  readonly advice: string;
}

const slowdowns: Readonly<Record<string, Slowdown>> = {
  hw_thermal_slowdown: {
    title: 'Slowed down by heat',
    advice:
      'Check fans, air flow and the temperature of the room; the card protects itself at half its clock or less.',
  },
  hw_power_brake_slowdown: {
    title: 'Slowed down by its power supply',
    advice: "The board's power brake is pulled: check the power supplies, their cables and the rack's limit.",
  },
  sw_thermal_slowdown: {
    title: 'Slowed down to stay below its temperature limit',
    advice: 'It runs at its thermal limit: better cooling gives it its full clock.',
  },
  hw_slowdown: {
    title: 'Slowed down by the hardware',
    advice: 'Check cooling and power: the card lowers its clock to protect itself.',
  },
};
/** Each of them is told together with plain hw_slowdown, which then says nothing more. */
const causes = ['hw_thermal_slowdown', 'hw_power_brake_slowdown'];

function throttles({ throttleReasons, temperature, power }: JudgedGpu): Finding[] {
  const active = throttleReasons ?? [];
  const hasCause = active.some((reason) => causes.includes(reason));
  return active.flatMap((reason) => {
    const slowdown = Object.hasOwn(slowdowns, reason) ? slowdowns[reason] : undefined;
    if (slowdown === undefined || (reason === 'hw_slowdown' && hasCause)) return [];
    const isHeat = reason.includes('thermal');
    const measured = isHeat ? temperature.gpuCelsius : power.drawWatts;
    const detail =
      measured === null ? reason : `${reason}, at ${Math.round(measured)} ${isHeat ? '°C' : 'W'}`;
    const finding = state('throttle', 'warning', [slowdown.title, detail, slowdown.advice]);
    return [{ ...finding, key: `throttle:${reason}` }];
  });
}

function link({ pcie, utilization }: JudgedGpu): Finding[] {
  const { generation, maxGeneration, width, maxWidth } = pcie;
  const advice =
    'Check the seating of the card, risers and cables, and the slot that it is in; data moves slower to and from it.';
  const findings: Finding[] = [];
  if (width !== null && maxWidth !== null && width > 0 && width < maxWidth) {
    const title = `PCI Express link has ${width} of ${maxWidth} lanes`;
    findings.push(state('pcie-width', 'warning', [title, null, advice]));
  }
  // Idle, the driver lowers the generation to save power.
  const isBusy = (utilization.gpuRatio ?? 0) >= loadRatio;
  if (isBusy && generation !== null && maxGeneration !== null && generation < maxGeneration) {
    const title = `PCI Express link runs at generation ${generation} of ${maxGeneration} under load`;
    findings.push(state('pcie-generation', 'warning', [title, null, advice]));
  }
  return findings;
}

function fabric({ fabric: { state: told, status } }: JudgedGpu): Finding[] {
  if (told === null || /^(?:completed|not supported)$/i.test(told)) {
    if (status === null || told === null || /^(?:success|not supported)$/i.test(status)) return [];
  }
  const isUnderWay = /^in progress$/i.test(told);
  return [
    state(
      'fabric',
      isUnderWay ? 'warning' : 'critical',
      [
        isUnderWay ? 'The GPU is still joining the NVLink fabric' : 'The GPU is not in the NVLink fabric',
        `state ${told}, status ${status ?? 'not told'}`,
        'Until it is, CUDA fails with "system not yet initialized" (802). Check that the fabric manager runs and is of the very version of the driver: systemctl status nvidia-fabricmanager.',
      ],
      fabricSource,
    ),
  ];
}

function persistence({ persistenceMode }: JudgedGpu): Finding[] {
  if (persistenceMode !== false) return [];
  const advice =
    'Without it the driver lets go of an idle GPU, which makes starts slow and forgets settings: enable nvidia-persistenced.';
  return [state('persistence-off', 'info', ['Persistence mode is off', null, advice], persistenceSource)];
}
