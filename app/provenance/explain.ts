import {
  type FieldOrigin,
  type GpuDetail,
  type HostDetail,
  type HostRaw,
  type RawText,
  rawProcessField,
} from '../../lib/model/index.ts';
import { formatBytes, formatJoules } from '../format/index.ts';
import { kindWords } from './kinds.ts';
import type { Subject } from './subject.ts';

export interface FormulaInput {
  readonly name: string;
  readonly value: string;
  /** As printed; null when it is not known. */
  readonly printed: string | null;
}

/** All that can be said of where one number came from. */
export interface Explanation {
  readonly title: string;
  /** As shown; null: there is none, and `why` says why. */
  readonly value: string | null;
  readonly why: string | null;
  /** The name in the API with the exact value in base units: `memory.usedBytes = 1073741824`. */
  readonly api: string | null;
  /** What was run or read; null for what is computed. */
  readonly command: string | null;
  /** The column, element, file or line that tells it. */
  readonly place: { readonly what: string; readonly name: string } | null;
  /** What stood there; null: not known. */
  readonly printed: string | null;
  readonly conversion: string | null;
  /** Host clock. */
  readonly sampledAt: string | null;
  readonly formula: { readonly text: string; readonly inputs: readonly FormulaInput[] } | null;
}

export interface Known {
  readonly host: HostDetail;
  /** Of the same report as the host; null: no text has come. */
  readonly raw: HostRaw | null;
  readonly origins: readonly FieldOrigin[];
}

const nothing: Omit<Explanation, 'title'> = {
  value: null,
  why: null,
  api: null,
  command: null,
  place: null,
  printed: null,
  conversion: null,
  sampledAt: null,
  formula: null,
};

const places = {
  query: 'Column',
  xml: 'Element',
  file: 'File',
  command: 'Program',
} as const;

function valueAt(value: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : null),
      value,
    );
}

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

function explainField(subject: Extract<Subject, { kind: 'field' }>, known: Known): Explanation {
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

/** Which source reads a fact of the stack. */
const stackSources: Readonly<Record<string, string>> = {
  kernelDriverVersion: 'driver-version',
  kernelModuleFlavour: 'driver-version',
  driverVersion: 'nvidia-smi-xml',
  cudaVersion: 'nvidia-smi-xml',
  containerToolkitVersion: 'container-toolkit',
  dockerVersion: 'docker',
  kernelVersion: 'os',
  osName: 'os',
  architecture: 'os',
  bootedAt: 'os',
};

const stackConversions: Readonly<Record<string, string>> = {
  kernelModuleFlavour: 'A module that calls itself "Open Kernel Module" is open, any other proprietary.',
  bootedAt: 'Seconds since 1970 at boot; up for is counted from there by the hub’s clock.',
};

function explainHost(subject: Extract<Subject, { kind: 'host' }>, { host, raw }: Known): Explanation {
  const source = host.sources.find(({ source: name }) => name === stackSources[subject.field]);
  const text = raw?.host[subject.field];
  const value = valueAt(host.stack, subject.field);
  const isTold = typeof value === 'string';
  return {
    ...nothing,
    title: subject.label,
    value: isTold ? value : null,
    why: isTold ? null : (source?.failure?.message ?? 'It is not there, or the agent may not read it.'),
    api: `stack.${subject.field} = ${JSON.stringify(value ?? null)}`,
    // A file is its own command.
    command: source === undefined || source.command === text?.name ? null : source.command,
    place: text === undefined ? null : { what: places[text.form], name: text.name },
    printed: text?.text ?? null,
    conversion: stackConversions[subject.field] ?? 'The version out of that text.',
    sampledAt: source?.lastSuccessAt ?? null,
  };
}

const bytesInput = (name: string, bytes: number | null, printed: RawText | undefined): FormulaInput => ({
  name,
  value: bytes === null ? 'not told' : formatBytes(bytes),
  printed: printed?.text ?? null,
});

function processInputs(gpu: GpuDetail, raw: HostRaw | null, isIn: (containerId: string | null) => boolean) {
  return gpu.processes
    .filter(({ owner }) => isIn(owner?.containerId ?? null))
    .map((process) => {
      const text = raw?.gpus[gpu.uuid ?? '']?.[rawProcessField(process)];
      const instance = process.gpuInstanceId === null ? '' : ` (MIG ${process.gpuInstanceId})`;
      return bytesInput(
        `PID ${process.pid}${instance} on GPU ${gpu.index ?? '?'}`,
        process.usedMemoryBytes,
        text,
      );
    });
}

function explainUnattributed(gpu: GpuDetail, { raw }: Known, title: string): Explanation {
  const { usedMemoryBytes: rest, overcountBytes } = gpu.unattributed;
  const used = raw?.gpus[gpu.uuid ?? '']?.['detailsMemoryUsedBytes'];
  return {
    ...nothing,
    title,
    value: rest === null ? null : formatBytes(rest),
    why: rest === null ? 'The GPU, or a process in a container, does not tell its memory.' : null,
    api: `unattributed.usedMemoryBytes = ${rest}`,
    sampledAt: gpu.detailsSampledAt,
    formula: {
      text:
        overcountBytes > 0
          ? 'Memory in use less that of processes in containers; the processes tell more than the GPU uses, so nothing is left.'
          : 'Memory in use when the processes were read, less that of processes in containers.',
      inputs: [
        bytesInput('Memory in use then', gpu.detailsMemoryUsedBytes, used),
        ...processInputs(gpu, raw, (containerId) => containerId !== null),
      ],
    },
  };
}

function explainEnergy(gpu: GpuDetail, { host, raw }: Known, title: string): Explanation {
  const draw = raw?.gpus[gpu.uuid ?? '']?.['power.drawWatts'];
  const { energyJoules } = gpu;
  return {
    ...nothing,
    title,
    value: energyJoules === null ? null : formatJoules(energyJoules),
    why: energyJoules === null ? 'This GPU tells no power now, so there is nothing to add up.' : null,
    api: `energyJoules = ${energyJoules}${energyJoules === null ? '' : ' joules'}`,
    sampledAt: gpu.sampledAt,
    formula: {
      text: 'Power times time, added up by the agent from sample to sample since it started; gaps are left out. nvidia-smi prints no energy.',
      inputs: [
        {
          name: 'Power now',
          value: gpu.power.drawWatts === null ? 'not told' : kindWords('watts').show(gpu.power.drawWatts),
          printed: draw?.text ?? null,
        },
        { name: 'Agent started', value: host.agent?.startedAt ?? 'not told', printed: null },
      ],
    },
  };
}

function explainOwner(subject: Extract<Subject, { kind: 'owner' }>, known: Known): Explanation {
  const { host, raw } = known;
  const uses = (host.containers.find(({ id }) => id === subject.containerId)?.gpus ?? []).filter(
    (use) => subject.gpuUuid === null || use.gpuUuid === subject.gpuUuid,
  );
  const told = uses.flatMap((use) => use.usedMemoryBytes ?? []);
  const bytes = told.length === 0 ? null : told.reduce((sum, part) => sum + part, 0);
  const gpus = host.gpus.filter(({ uuid }) => subject.gpuUuid === null || uuid === subject.gpuUuid);
  return {
    ...nothing,
    title: subject.label,
    value: bytes === null ? null : formatBytes(bytes),
    why: bytes === null ? 'The driver tells no memory for the processes of this container.' : null,
    api: `containers[].gpus[].usedMemoryBytes, added up = ${bytes}${bytes === null ? '' : ' bytes'}`,
    sampledAt: gpus[0]?.detailsSampledAt ?? null,
    formula: {
      text: 'The memory of the processes whose cgroup is this container’s, added up.',
      inputs: gpus.flatMap((gpu) => processInputs(gpu, raw, (id) => id === subject.containerId)),
    },
  };
}

/** Where a number came from: command, place, text and time, or the formula with its inputs. Pure. */
export function explain(subject: Subject, known: Known): Explanation {
  if (subject.kind === 'field') return explainField(subject, known);
  if (subject.kind === 'host') return explainHost(subject, known);
  if (subject.kind === 'owner') return explainOwner(subject, known);
  const gpu = known.host.gpus.find(({ uuid }) => uuid === subject.gpuUuid);
  if (gpu === undefined)
    return { ...nothing, title: subject.label, why: 'This GPU is in no report any more.' };
  return subject.kind === 'energy'
    ? explainEnergy(gpu, known, subject.label)
    : explainUnattributed(gpu, known, subject.label);
}
