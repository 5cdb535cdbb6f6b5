import type { ReactNode } from 'react';
import type { EccCounts, GpuDetail } from '../../../lib/model/index.ts';
import type { FactGroup } from '../../components/facts.tsx';
import { Value } from '../../components/value.tsx';
import {
  formatBytes,
  formatBytesPerSecond,
  formatCelsius,
  formatCount,
  formatHertz,
  formatJoules,
  formatPercent,
  formatWatts,
} from '../../format/index.ts';

/** Makes values of one GPU: dimmed when not current, with the reason when missing. */
type Show = <T>(value: T | null | undefined, format: (value: T) => ReactNode) => ReactNode;

const words = (text: string | number) => <span className="whitespace-normal break-all">{text}</span>;
const mono = (text: string) => (
  <code className="whitespace-normal break-all font-mono text-[13px]">{text}</code>
);
const onOff = (on: boolean) => (on ? 'on' : 'off');
const yesNo = (yes: boolean) => (yes ? 'yes' : 'no');

function mode(show: Show, value: GpuDetail['migMode']): ReactNode {
  return show(value?.current, (current) =>
    value?.pending === null || value?.pending === undefined || value.pending === current
      ? onOff(current)
      : `${onOff(current)}, ${onOff(value.pending)} after a reset`,
  );
}

function identity(gpu: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Identity',
    facts: [
      ['UUID', show(gpu.uuid, mono)],
      ['Index', show(gpu.index, words)],
      ['Minor number', show(gpu.minorNumber, words)],
      ['PCI bus id', show(gpu.pciBusId, mono)],
      ['Brand', show(gpu.brand, words)],
      ['Architecture', show(gpu.architecture, words)],
      ['Compute capability', show(gpu.computeCapability, words)],
      ['Serial', show(gpu.serial, mono)],
      ['VBIOS', show(gpu.vbiosVersion, mono)],
    ],
  };
}

function modes(gpu: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Modes',
    facts: [
      ['Performance state', show(gpu.performanceState, words)],
      ['Persistence mode', show(gpu.persistenceMode, onOff)],
      ['Compute mode', show(gpu.computeMode, words)],
      ['MIG', mode(show, gpu.migMode)],
      ['ECC', mode(show, gpu.eccMode)],
      ['Addressing', show(gpu.addressingMode, words)],
      ['Virtualization', show(gpu.virtualizationMode, words)],
      [
        'Throttle reasons',
        show(gpu.throttleReasons, (list) => (list.length === 0 ? 'none' : words(list.join(', ')))),
      ],
    ],
  };
}

function utilization({ utilization: use, fanRatio }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Utilization',
    facts: [
      ['GPU', show(use.gpuRatio, formatPercent)],
      ['Memory bandwidth', show(use.memoryRatio, formatPercent)],
      ['Encoder', show(use.encoderRatio, formatPercent)],
      ['Decoder', show(use.decoderRatio, formatPercent)],
      ['JPEG', show(use.jpegRatio, formatPercent)],
      ['Optical flow', show(use.ofaRatio, formatPercent)],
      ['Fan', show(fanRatio, formatPercent)],
    ],
  };
}

function memory({ memory: use, bar1, unattributed }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Memory',
    facts: [
      ['Total', show(use.totalBytes, formatBytes)],
      ['Used', show(use.usedBytes, formatBytes)],
      ['Free', show(use.freeBytes, formatBytes)],
      ['Reserved', show(use.reservedBytes, formatBytes)],
      ['Unattributed', show(unattributed.usedMemoryBytes, formatBytes)],
      ['BAR1 used', show(bar1.usedBytes, formatBytes)],
      ['BAR1 total', show(bar1.totalBytes, formatBytes)],
    ],
  };
}

function heat({ temperature }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Temperature',
    facts: [
      ['GPU', show(temperature.gpuCelsius, formatCelsius)],
      ['Memory', show(temperature.memoryCelsius, formatCelsius)],
      ['Slows down at', show(temperature.slowdownCelsius, formatCelsius)],
      ['Shuts down at', show(temperature.shutdownCelsius, formatCelsius)],
      ['Target', show(temperature.targetCelsius, formatCelsius)],
    ],
  };
}

function power({ power: draw, energyJoules }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Power',
    facts: [
      ['Draw', show(draw.drawWatts, formatWatts)],
      ['Average', show(draw.averageWatts, formatWatts)],
      ['Instant', show(draw.instantWatts, formatWatts)],
      ['Limit', show(draw.limitWatts, formatWatts)],
      ['Default limit', show(draw.defaultLimitWatts, formatWatts)],
      ['Lowest limit', show(draw.minLimitWatts, formatWatts)],
      ['Highest limit', show(draw.maxLimitWatts, formatWatts)],
      ['Energy since the agent started', show(energyJoules, formatJoules)],
    ],
  };
}

function clocks({ clocks: clock }: GpuDetail, show: Show): FactGroup {
  const of = (now: number | null, max: number | null) =>
    show(now, (hertz) =>
      max === null ? formatHertz(hertz) : `${formatHertz(hertz)} of ${formatHertz(max)}`,
    );
  return {
    title: 'Clocks',
    facts: [
      ['Graphics', of(clock.graphicsHertz, clock.maxGraphicsHertz)],
      ['SM', of(clock.smHertz, clock.maxSmHertz)],
      ['Memory', of(clock.memoryHertz, clock.maxMemoryHertz)],
      ['Video', show(clock.videoHertz, formatHertz)],
    ],
  };
}

function links({ pcie, fabric }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'PCIe and fabric',
    facts: [
      ['Generation', show(pcie.generation, (now) => `${now} of ${pcie.maxGeneration ?? '?'}`)],
      ['Width', show(pcie.width, (now) => `${now} of ${pcie.maxWidth ?? '?'} lanes`)],
      ['Sent', show(pcie.txBytesPerSecond, formatBytesPerSecond)],
      ['Received', show(pcie.rxBytesPerSecond, formatBytesPerSecond)],
      ['Replays', show(pcie.replays, formatCount)],
      ['Fabric state', show(fabric.state, words)],
      ['Fabric status', show(fabric.status, words)],
    ],
  };
}

function errors(gpu: GpuDetail, show: Show): FactGroup {
  const counts = ({ correctable, uncorrectable }: EccCounts) =>
    correctable === null && uncorrectable === null
      ? show(null, words)
      : show(`${correctable ?? '—'} / ${uncorrectable ?? '—'}`, words);
  const { retiredPages: pages, remappedRows: rows } = gpu;
  return {
    title: 'Errors (correctable / uncorrectable)',
    facts: [
      ['ECC since the driver loaded', counts(gpu.ecc.volatile)],
      ['ECC in all', counts(gpu.ecc.aggregate)],
      ['Remapped rows', counts(rows)],
      ['Remapping pending', show(rows.pending, yesNo)],
      ['Remapping failed', show(rows.failure, yesNo)],
      [
        'Retired pages (single / double bit)',
        pages.singleBit === null && pages.doubleBit === null
          ? show(null, words)
          : show(`${pages.singleBit ?? '—'} / ${pages.doubleBit ?? '—'}`, words),
      ],
      ['Retirement pending', show(pages.pending, yesNo)],
      ['Recovery action', show(gpu.recoveryAction, words)],
    ],
  };
}

/** Every field of a GPU in groups, with units; a missing one says why. */
export function gpuFactGroups(gpu: GpuDetail): readonly FactGroup[] {
  const lost = gpu.state === 'ok' ? null : (gpu.failure?.message ?? 'the GPU gives no values');
  const show: Show = (value, format) => (
    <Value value={value} format={format} current={gpu.current} {...(lost === null ? {} : { reason: lost })} />
  );
  return [
    utilization(gpu, show),
    memory(gpu, show),
    power(gpu, show),
    heat(gpu, show),
    clocks(gpu, show),
    errors(gpu, show),
    modes(gpu, show),
    links(gpu, show),
    identity(gpu, show),
  ];
}
