import {
  type FieldOrigin,
  type GpuDetail,
  type HostDetail,
  type RawText,
  rawProcessField,
} from '../../lib/model/index.ts';
import { type Explanation, type Known, nothing, places, valueAt } from './explanation.ts';
import { kindWords } from './kinds.ts';
import type { Subject } from './subject.ts';

/** A process's memory is named by the process, everything else by its path. */
function fieldValue(gpu: GpuDetail, field: string): unknown {
  if (!field.startsWith('processes.')) return valueAt(gpu, field);
  return gpu.processes.find((process) => rawProcessField(process) === field)?.usedMemoryBytes ?? null;
}

function shown(value: unknown, kind: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return kindWords(kind).show(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

function sourceOf(host: HostDetail, form: RawText['form']): string | null {
  const source = form === 'query' ? 'nvidia-smi-stream' : 'nvidia-smi-xml';
  return host.sources.find((each) => each.source === source)?.command ?? null;
}

/** What we know of a field without its text. */
function originOf(field: string, origins: readonly FieldOrigin[]): FieldOrigin {
  const own = origins.find((origin) => origin.field === field);
  if (own !== undefined) return own;
  const xml = field.startsWith('processes.')
    ? ['processes/process_info/used_memory']
    : [`mig_devices/mig_device/fb_memory_usage/${field.endsWith('totalBytes') ? 'total' : 'used'}`];
  return { field, kind: 'bytes', query: [], xml };
}

interface Absent {
  readonly gpu: GpuDetail;
  readonly host: HostDetail;
  /** What stands in its place; undefined: nothing that we were sent. */
  readonly raw: RawText | undefined;
  /** Texts of this GPU have come at all. */
  readonly hasText: boolean;
}

function whyAbsent(field: string, { gpu, host, raw, hasText }: Absent): string {
  const isMig = gpu.migMode?.current === true && field.startsWith('utilization.');
  const mig = isMig ? ' MIG is on: the driver tells no utilization for the whole GPU.' : '';
  if (raw !== undefined)
    return `nvidia-smi printed ${raw.text === '' ? 'nothing' : raw.text} in its place.${mig}`;
  if (gpu.state !== 'ok') return gpu.failure?.message ?? `The GPU is ${gpu.state}.`;
  if (!host.current) return host.stateReason;
  return hasText ? 'This driver does not print it.' : 'nvidia-smi says that it is not available on this GPU.';
}

/** A number that nvidia-smi prints: column or element, text and conversion. */
export function explainField(subject: Extract<Subject, { kind: 'field' }>, known: Known): Explanation {
  const { host, raw, origins } = known;
  const title = subject.label;
  const gpu = host.gpus.find(({ uuid }) => uuid === subject.gpuUuid);
  if (gpu === undefined) return { ...nothing, title, why: 'This GPU is in no report any more.' };
  const origin = originOf(subject.field, origins);
  const texts = raw?.gpus[subject.gpuUuid];
  const text = texts?.[subject.field];
  const form = text?.form ?? (origin.query.length > 0 ? 'query' : 'xml');
  const value = fieldValue(gpu, subject.field);
  const exact = value === null || value === undefined ? 'null' : JSON.stringify(value);
  const { conversion, unit } = kindWords(origin.kind);
  const isProcess = subject.field.startsWith('processes.');
  return {
    ...nothing,
    title,
    value: shown(value, origin.kind),
    why:
      value === null || value === undefined
        ? whyAbsent(subject.field, { gpu, host, raw: text, hasText: texts !== undefined })
        : null,
    api: `${isProcess ? 'processes[].usedMemoryBytes' : subject.field} = ${exact}${unit === null || exact === 'null' ? '' : ` ${unit}`}`,
    command: sourceOf(host, form),
    place: {
      what: places[form],
      name: text?.name ?? (form === 'query' ? origin.query : origin.xml).join(', else '),
    },
    printed: text?.text ?? null,
    conversion,
    sampledAt: form === 'query' ? gpu.sampledAt : gpu.detailsSampledAt,
  };
}
