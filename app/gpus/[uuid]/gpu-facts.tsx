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
import { Origin } from '../../provenance/provenance.client.tsx';
import type { Subject } from '../../provenance/subject.ts';

/** Makes values of one GPU by the field's name: dimmed when not current, with the reason when missing. */
type Show = <T>(field: string, value: T | null | undefined, format: (value: T) => ReactNode) => ReactNode;

const words = (text: string | number) => <span className="whitespace-normal break-all">{text}</span>;
const mono = (text: string) => (
  <code className="whitespace-normal break-all font-mono text-[13px]">{text}</code>
);
const onOff = (on: boolean) => (on ? 'on' : 'off');
const yesNo = (yes: boolean) => (yes ? 'yes' : 'no');

function mode(show: Show, field: string, value: GpuDetail['migMode']): ReactNode {
  return show(`${field}.current`, value?.current, (current) =>
    value?.pending === null || value?.pending === undefined || value.pending === current
      ? onOff(current)
      : `${onOff(current)}, ${onOff(value.pending)} after a reset`,
  );
}

function identity(gpu: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Identity',
    facts: [
      ['UUID', show('uuid', gpu.uuid, mono)],
      ['Index', show('index', gpu.index, words)],
      ['Minor number', show('minorNumber', gpu.minorNumber, words)],
      ['PCI bus id', show('pciBusId', gpu.pciBusId, mono)],
      ['Brand', show('brand', gpu.brand, words)],
      ['Architecture', show('architecture', gpu.architecture, words)],
      ['Compute capability', show('computeCapability', gpu.computeCapability, words)],
      ['Serial', show('serial', gpu.serial, mono)],
      ['VBIOS', show('vbiosVersion', gpu.vbiosVersion, mono)],
    ],
  };
}

function modes(gpu: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Modes',
    facts: [
      ['Performance state', show('performanceState', gpu.performanceState, words)],
      ['Persistence mode', show('persistenceMode', gpu.persistenceMode, onOff)],
      ['Compute mode', show('computeMode', gpu.computeMode, words)],
      ['MIG', mode(show, 'migMode', gpu.migMode)],
      ['ECC', mode(show, 'eccMode', gpu.eccMode)],
      ['Addressing', show('addressingMode', gpu.addressingMode, words)],
      ['Virtualization', show('virtualizationMode', gpu.virtualizationMode, words)],
      [
        'Throttle reasons',
        show('throttleReasons', gpu.throttleReasons, (list) =>
          list.length === 0 ? 'none' : words(list.join(', ')),
        ),
      ],
    ],
  };
}

function utilization({ utilization: use, fanRatio }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Utilization',
    facts: [
      ['GPU', show('utilization.gpuRatio', use.gpuRatio, formatPercent)],
      ['Memory bandwidth', show('utilization.memoryRatio', use.memoryRatio, formatPercent)],
      ['Encoder', show('utilization.encoderRatio', use.encoderRatio, formatPercent)],
      ['Decoder', show('utilization.decoderRatio', use.decoderRatio, formatPercent)],
      ['JPEG', show('utilization.jpegRatio', use.jpegRatio, formatPercent)],
      ['Optical flow', show('utilization.ofaRatio', use.ofaRatio, formatPercent)],
      ['Fan', show('fanRatio', fanRatio, formatPercent)],
    ],
  };
}

function memory({ memory: use, bar1, unattributed }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Memory',
    facts: [
      ['Total', show('memory.totalBytes', use.totalBytes, formatBytes)],
      ['Used', show('memory.usedBytes', use.usedBytes, formatBytes)],
      ['Free', show('memory.freeBytes', use.freeBytes, formatBytes)],
      ['Reserved', show('memory.reservedBytes', use.reservedBytes, formatBytes)],
      ['Unattributed', show('unattributed.usedMemoryBytes', unattributed.usedMemoryBytes, formatBytes)],
      ['BAR1 used', show('bar1.usedBytes', bar1.usedBytes, formatBytes)],
      ['BAR1 total', show('bar1.totalBytes', bar1.totalBytes, formatBytes)],
    ],
  };
}

function heat({ temperature }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Temperature',
    facts: [
      ['GPU', show('temperature.gpuCelsius', temperature.gpuCelsius, formatCelsius)],
      ['Memory', show('temperature.memoryCelsius', temperature.memoryCelsius, formatCelsius)],
      ['Slows down at', show('temperature.slowdownCelsius', temperature.slowdownCelsius, formatCelsius)],
      ['Shuts down at', show('temperature.shutdownCelsius', temperature.shutdownCelsius, formatCelsius)],
      ['Target', show('temperature.targetCelsius', temperature.targetCelsius, formatCelsius)],
    ],
  };
}

function power({ power: draw, energyJoules }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'Power',
    facts: [
      ['Draw', show('power.drawWatts', draw.drawWatts, formatWatts)],
      ['Average', show('power.averageWatts', draw.averageWatts, formatWatts)],
      ['Instant', show('power.instantWatts', draw.instantWatts, formatWatts)],
      ['Limit', show('power.limitWatts', draw.limitWatts, formatWatts)],
      ['Default limit', show('power.defaultLimitWatts', draw.defaultLimitWatts, formatWatts)],
      ['Lowest limit', show('power.minLimitWatts', draw.minLimitWatts, formatWatts)],
      ['Highest limit', show('power.maxLimitWatts', draw.maxLimitWatts, formatWatts)],
      ['Energy since the agent started', show('energyJoules', energyJoules, formatJoules)],
    ],
  };
}

function clocks({ clocks: clock }: GpuDetail, show: Show): FactGroup {
  const of = (field: string, now: number | null, maxField: string, max: number | null) => (
    <>
      {show(`clocks.${field}`, now, formatHertz)}
      {max === null ? null : <> of {show(`clocks.${maxField}`, max, formatHertz)}</>}
    </>
  );
  return {
    title: 'Clocks',
    facts: [
      ['Graphics', of('graphicsHertz', clock.graphicsHertz, 'maxGraphicsHertz', clock.maxGraphicsHertz)],
      ['SM', of('smHertz', clock.smHertz, 'maxSmHertz', clock.maxSmHertz)],
      ['Memory', of('memoryHertz', clock.memoryHertz, 'maxMemoryHertz', clock.maxMemoryHertz)],
      ['Video', show('clocks.videoHertz', clock.videoHertz, formatHertz)],
    ],
  };
}

function links({ pcie, fabric }: GpuDetail, show: Show): FactGroup {
  return {
    title: 'PCIe and fabric',
    facts: [
      [
        'Generation',
        <>
          {show('pcie.generation', pcie.generation, words)} of{' '}
          {show('pcie.maxGeneration', pcie.maxGeneration, words)}
        </>,
      ],
      [
        'Width',
        <>
          {show('pcie.width', pcie.width, words)} of {show('pcie.maxWidth', pcie.maxWidth, words)} lanes
        </>,
      ],
      ['Sent', show('pcie.txBytesPerSecond', pcie.txBytesPerSecond, formatBytesPerSecond)],
      ['Received', show('pcie.rxBytesPerSecond', pcie.rxBytesPerSecond, formatBytesPerSecond)],
      ['Replays', show('pcie.replays', pcie.replays, formatCount)],
      ['Fabric state', show('fabric.state', fabric.state, words)],
      ['Fabric status', show('fabric.status', fabric.status, words)],
    ],
  };
}

function errors(gpu: GpuDetail, show: Show): FactGroup {
  const pair = (first: string, one: number | null, second: string, two: number | null) => (
    <>
      {show(first, one, formatCount)} / {show(second, two, formatCount)}
    </>
  );
  const counts = (field: string, { correctable, uncorrectable }: EccCounts) =>
    pair(`${field}.correctable`, correctable, `${field}.uncorrectable`, uncorrectable);
  const { retiredPages: pages, remappedRows: rows } = gpu;
  return {
    title: 'Errors (correctable / uncorrectable)',
    facts: [
      ['ECC since the driver loaded', counts('ecc.volatile', gpu.ecc.volatile)],
      ['ECC in all', counts('ecc.aggregate', gpu.ecc.aggregate)],
      ['Remapped rows', counts('remappedRows', rows)],
      ['Remapping pending', show('remappedRows.pending', rows.pending, yesNo)],
      ['Remapping failed', show('remappedRows.failure', rows.failure, yesNo)],
      [
        'Retired pages (single / double bit)',
        pair('retiredPages.singleBit', pages.singleBit, 'retiredPages.doubleBit', pages.doubleBit),
      ],
      ['Retirement pending', show('retiredPages.pending', pages.pending, yesNo)],
      ['Recovery action', show('recoveryAction', gpu.recoveryAction, words)],
    ],
  };
}

/** As nvidia-smi printed them: what they mean is for its own help to say. */
function newFields({ newFields: fields = [], current }: GpuDetail): readonly FactGroup[] {
  if (fields.length === 0) return [];
  return [
    {
      title: 'New with this driver, as printed',
      facts: fields.map(({ name, value }) => [
        name,
        <Value key={name} value={value} format={words} current={current} />,
      ]),
    },
  ];
}

/** `memory.totalBytes`: `Memory total`. */
function wordsOf(field: string): string {
  const text = field
    .replace(/(Bytes|Ratio|Celsius|Watts|Hertz)(PerSecond)?$/, '')
    .replaceAll('.', ' ')
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is computed by us has an origin of its own kind. */
function subjectOf(gpuUuid: string, field: string, name: string): Subject {
  if (field === 'energyJoules') return { kind: 'energy', gpuUuid, label: `Energy of ${name}` };
  if (field === 'unattributed.usedMemoryBytes')
    return { kind: 'unattributed', gpuUuid, label: `Unattributed memory of ${name}` };
  return { kind: 'field', gpuUuid, field, label: `${wordsOf(field)} of ${name}` };
}

/** Every field of a GPU in groups, with units; a missing one says why. */
export function gpuFactGroups(gpu: GpuDetail): readonly FactGroup[] {
  const lost = gpu.state === 'ok' ? null : (gpu.failure?.message ?? 'the GPU gives no values');
  const name = `GPU ${gpu.index ?? '?'}`;
  const show: Show = (field, value, format) => (
    <Origin of={subjectOf(gpu.uuid ?? '', field, name)}>
      <Value
        value={value}
        format={format}
        current={gpu.current}
        {...(lost === null ? {} : { reason: lost })}
      />
    </Origin>
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
    ...newFields(gpu),
  ];
}
