import { type FacetReading, overGpus } from '../../model/index.ts';
import {
  fromSoftware,
  ifSmiAnswers,
  missingOf,
  type Reader,
  type Readers,
  type ReportedStack,
  told,
  without,
} from '../reading.ts';

type Gpu = ReportedStack['gpus'][number];

const smi = { from: 'nvidia-smi', absentWords: 'nvidia-smi is not on this host' };
const source = 'nvidia-smi-xml';

/** Why there is no GPU to ask. */
function noGpus(report: ReportedStack): FacetReading {
  if (report.condition === 'no-devices') return without('absent', 'no GPU on this host');
  return missingOf(report, source, smi);
}

/** What each GPU tells, as one value of the host. `absentWords`: none of them has such a thing. */
const ofGpus =
  (absentWords: string, read: (gpu: Gpu) => string | null): Reader =>
  (report) => {
    const gpus = report.gpus.filter(({ state }) => state === 'ok');
    if (gpus.length === 0 || ifSmiAnswers(report, '') === null) return noGpus(report);
    const value = overGpus(gpus.map((gpu) => ({ index: gpu.index, value: read(gpu) })));
    return value === null ? without('absent', absentWords) : told(value, smi.from);
  };

const onOff = (flag: boolean | null | undefined): string | null =>
  flag === null || flag === undefined ? null : flag ? 'on' : 'off';

/** A mode, and what it becomes at the next reset where that is another. */
function modeWords(mode: Gpu['migMode']): string | null {
  const current = onOff(mode?.current);
  const pending = onOff(mode?.pending);
  return current === null || pending === null || current === pending
    ? current
    : `${current}, ${pending} after a reset`;
}

/** `2× 1g.10gb + 1× 3g.40gb`; `none` for a GPU in MIG mode without a device. */
function layoutWords({ migMode, migDevices }: Gpu): string | null {
  if (migMode?.current !== true) return null;
  const counts = new Map<string, number>();
  for (const { profile } of migDevices) counts.set(profile ?? '?', (counts.get(profile ?? '?') ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.length === 0 ? 'none' : parts.map(([profile, count]) => `${count}× ${profile}`).join(' + ');
}

/** GPUs of the host's own; the bus knows also those that nvidia-smi lost. */
function countGpus(report: ReportedStack): FacetReading {
  const { pciGpus } = report;
  if (pciGpus !== null && pciGpus !== undefined)
    return told(String(pciGpus.filter(({ passedThrough }) => !passedThrough).length), 'PCI bus');
  if (ifSmiAnswers(report, '') === null || report.condition === 'starting') return noGpus(report);
  return report.gpus.length === 0 ? noGpus(report) : told(String(report.gpus.length), smi.from);
}

/** `8× NVIDIA H100 80GB HBM3`. */
function modelsOf(report: ReportedStack): FacetReading {
  const names = report.gpus.flatMap(({ name }) => name ?? []);
  if (names.length === 0 || ifSmiAnswers(report, '') === null) return noGpus(report);
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parts = [...counts].sort(([a, on], [b, onB]) => onB - on || (a < b ? -1 : 1));
  return told(parts.map(([name, count]) => `${count}× ${name}`).join(', '), smi.from);
}

/** Readers of the GPUs and of how they are set. */
export const gpuReaders: Readers<
  | 'gspFirmware'
  | 'gpuCount'
  | 'gpuModels'
  | 'vbios'
  | 'inforom'
  | 'persistence'
  | 'ecc'
  | 'migMode'
  | 'migLayout'
  | 'computeMode'
  | 'powerLimit'
  | 'applicationClocks'
> = {
  gspFirmware: fromSoftware('gspFirmware'),
  gpuCount: countGpus,
  gpuModels: modelsOf,
  vbios: ofGpus('its GPUs tell no VBIOS', ({ vbiosVersion }) => vbiosVersion),
  inforom: fromSoftware('inforom'),
  persistence: ofGpus('its GPUs have no such mode', ({ persistenceMode }) => onOff(persistenceMode)),
  ecc: ofGpus('its GPUs have no ECC', ({ eccMode }) => modeWords(eccMode)),
  migMode: ofGpus('its GPUs have no MIG', ({ migMode }) => modeWords(migMode)),
  migLayout: ofGpus('no GPU is in MIG mode', layoutWords),
  computeMode: ofGpus('its GPUs have no such mode', ({ computeMode }) => computeMode),
  powerLimit: ofGpus('its GPUs tell no limit', ({ power }) =>
    power.limitWatts === null ? null : `${Math.round(power.limitWatts)} W`,
  ),
  applicationClocks: fromSoftware('applicationClocks'),
};
