import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { measureNames, measures } from './measures.ts';

/** Reasons that a healthy GPU gives while it idles or is capped by its owner. */
const harmlessReasons: ReadonlySet<string> = new Set([
  'gpu_idle',
  'applications_clocks_setting',
  'sw_power_cap',
  'sync_boost',
  'display_clocks_setting',
]);

/** One reason why a GPU is unusual. `note`: odd, and nothing has to be wrong. */
export interface Oddity {
  readonly severity: 'critical' | 'warning' | 'note';
  readonly text: string;
}

/** Slowdowns that no fault of the list tells of already. */
function heldDown({ throttleReasons, faults }: GpuSummary): readonly Oddity[] {
  const isToldByCause = faults.some(({ key }) => /^throttle:hw_(thermal|power)/.test(key));
  return (throttleReasons ?? [])
    .filter((reason) => !harmlessReasons.has(reason) && !(reason === 'hw_slowdown' && isToldByCause))
    .filter((reason) => !faults.some(({ key }) => key === `throttle:${reason}`))
    .map((reason) => ({ severity: 'note', text: `clocks held down: ${reason.replaceAll('_', ' ')}` }));
}

/** Why a GPU is unusual, in words, the worst first; empty when nothing is. */
export function odditiesOf(gpu: GpuSummary): readonly Oddity[] {
  // A badge says that it is lost: what the kernel says of it is worth more than the same again.
  const isMore = gpu.faults.some(({ key }) => key !== 'gpu-lost');
  const told = gpu.faults.filter(({ key }) => key !== 'gpu-lost' || !isMore);
  const faults = told.map(({ severity, title }): Oddity => ({ severity, text: title }));
  if (gpu.state !== 'ok')
    return faults.length > 0
      ? faults
      : [{ severity: 'critical', text: gpu.state === 'lost' ? 'lost' : 'gives no values' }];
  const odd = measureNames.flatMap((name): readonly Oddity[] => {
    const text = measures[name].odd(gpu);
    return text === null ? [] : [{ severity: 'note', text }];
  });
  return [...faults, ...heldDown(gpu), ...odd];
}

/** Lost, with a fault, throttled by heat or hardware, or odd in any of the measures. */
export const isUnusualGpu = (gpu: GpuSummary): boolean => odditiesOf(gpu).length > 0;

/** Why a GPU or the host around it is unusual, in one line; null where nothing is. */
export function whyUnusual(host: HostSummary, gpu: GpuSummary): string | null {
  const own = odditiesOf(gpu).map(({ text }) => text);
  // What befell another GPU of the host is no reason of this one.
  const ofHost = host.state === 'ok' || host.state === 'gpu-lost' ? [] : [host.stateReason];
  const all = [...ofHost, ...own];
  return all.length === 0 ? null : all.join('; ');
}

/** Why a GPU has no number now, in words; null where nvidia-smi just does not tell it. */
export function whyMissing(host: HostSummary, gpu: GpuSummary): string | null {
  if (gpu.state !== 'ok') return gpu.faults[0]?.title ?? `GPU ${gpu.state}`;
  if (!host.current) return host.stateReason;
  return gpu.migDevices.length > 0 ? 'MIG is on: the driver tells no utilization for the whole GPU' : null;
}
