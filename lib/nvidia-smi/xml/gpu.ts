import { type EccCounts, type Gpu, type GpuProcess, isWithin, type MigDevice } from '../../model/index.ts';
import { type Draft, setField } from '../draft.ts';
import { emptyGpu, identityOf, mergeMode } from '../gpu.ts';
import type { ProblemLog } from '../problems.ts';
import { stateFrom } from '../state.ts';
import type { SmiGpu } from '../types.ts';
import type { Value } from '../values.ts';
import { eccSums, extraFields, gpuFields, throttleGroups, type XmlField } from './fields.ts';
import { noteMissing } from './missing.ts';
import { createNodeReader, failuresBelow, type NodeReader } from './reader.ts';
import { childOf, type XmlNode } from './tree.ts';

export interface GpuElement {
  readonly id: string | null;
  readonly node: XmlNode;
  readonly index: number | null;
  /** Its place in the document, for problems. */
  readonly position: number;
  readonly form: 'xml' | 'text';
}

/** One <gpu> element as the contract's GPU, with what the model has no place for as extra. */
export function readGpu({ id, node, index, position, form }: GpuElement, problems: ProblemLog): SmiGpu {
  const where = `${form}:/gpu[${position}]`;
  const reader = createNodeReader(node, where, problems);
  const gpu = readModel(node, reader, where, problems);
  const named: Gpu = { ...gpu, index, pciBusId: gpu.pciBusId ?? id };
  const { state, failure } = stateFrom(failuresBelow(node), named);
  if (state === 'ok') noteMissing(node, where, problems);
  return {
    gpu: state === 'ok' ? named : identityOf(named),
    state,
    failure,
    extra: state === 'ok' ? readExtra(node, reader, where) : {},
  };

  function readExtra(element: XmlNode, values: NodeReader, place: string): Record<string, Value> {
    const extra: Record<string, Value> = {};
    for (const field of extraFields) {
      const value = firstValue(values, field);
      if (value !== null && field.extra !== undefined) extra[field.extra] = value;
    }
    return { ...extra, ...migExtra(element, place, problems) };
  }
}

export function firstValue(reader: NodeReader, field: XmlField): Value | null {
  for (const path of field.from) {
    const value = reader.readField(path, field.as);
    if (value !== null) return value;
  }
  return null;
}

function readModel(node: XmlNode, reader: NodeReader, where: string, problems: ProblemLog): Gpu {
  // The draft starts as a whole Gpu, and the tables name only fields that a Gpu has.
  const draft = emptyGpu() as unknown as Draft;
  for (const field of gpuFields) {
    const value = firstValue(reader, field);
    if (value !== null && field.to !== null) setField(draft, field.to, value);
  }
  const gpu = draft as unknown as Gpu;
  return {
    ...gpu,
    migMode: mergeMode(null, gpu.migMode),
    eccMode: mergeMode(null, gpu.eccMode),
    throttleReasons: readThrottleReasons(node, where, problems),
    ecc: { volatile: readEcc(reader, 'volatile'), aggregate: readEcc(reader, 'aggregate') },
    migDevices: readMigDevices(node, where, problems),
    processes: readProcesses(node, where, problems),
  };
}

export function readThrottleReasons(node: XmlNode, where: string, problems: ProblemLog): string[] | null {
  for (const { group, prefix } of throttleGroups) {
    const element = childOf(node, group);
    if (element === undefined) continue;
    const reader = createNodeReader(element, `${where}/${group}`, problems);
    const told = element.children
      .filter((child) => child.name.startsWith(prefix))
      .map((child) => ({ name: child.name.slice(prefix.length), active: reader.read([child.name], 'flag') }))
      .filter(({ active }) => active !== null);
    if (told.length > 0) return told.filter(({ active }) => active === true).map(({ name }) => name);
  }
  return null;
}

const eccPathsOf = (scope: string) =>
  eccSums.map(({ to, sets }) => ({
    to,
    sets: sets.map((paths) => paths.map((path) => ['ecc_errors', scope, ...path.split('/')])),
  }));
const eccPaths = { volatile: eccPathsOf('volatile'), aggregate: eccPathsOf('aggregate') };

export function readEcc(reader: NodeReader, scope: 'volatile' | 'aggregate'): EccCounts {
  const counts: { correctable: number | null; uncorrectable: number | null } = {
    correctable: null,
    uncorrectable: null,
  };
  for (const { to, sets } of eccPaths[scope]) {
    for (const paths of sets) {
      const told = paths
        .map((path) => reader.readField(path, 'count'))
        .filter((count) => typeof count === 'number');
      if (told.length === 0) continue;
      const sum = told.reduce((total, count) => total + count, 0);
      counts[to] = isWithin('count', sum) ? sum : null;
      break;
    }
  }
  return counts;
}

interface MigElement {
  readonly index: number;
  readonly reader: NodeReader;
}

function migElements(node: XmlNode, where: string, problems: ProblemLog): MigElement[] {
  const devices = childOf(node, 'mig_devices')?.children.filter((child) => child.name === 'mig_device') ?? [];
  return devices.map((device, position) => {
    const reader = createNodeReader(device, `${where}/mig_devices/mig_device[${position}]`, problems);
    return { index: reader.number(['index'], 'index') ?? position, reader };
  });
}

export function readMigDevices(node: XmlNode, where: string, problems: ProblemLog): MigDevice[] {
  return migElements(node, where, problems).map(({ index, reader }) => ({
    index,
    gpuInstanceId: reader.number(['gpu_instance_id'], 'index'),
    computeInstanceId: reader.number(['compute_instance_id'], 'index'),
    uuid: reader.text(['uuid']),
    profile: reader.text(['profile']),
    memory: {
      totalBytes: reader.number(['fb_memory_usage', 'total'], 'bytes'),
      usedBytes: reader.number(['fb_memory_usage', 'used'], 'bytes'),
      freeBytes: reader.number(['fb_memory_usage', 'free'], 'bytes'),
    },
  }));
}

/** What a MIG device tells beside its memory, as `mig<index>…`. */
export function migExtra(node: XmlNode, where: string, problems: ProblemLog): Record<string, Value> {
  const extra: Record<string, Value> = {};
  for (const { index, reader } of migElements(node, where, problems)) {
    const told = {
      ReservedBytes: reader.number(['fb_memory_usage', 'reserved'], 'bytes'),
      Bar1TotalBytes: reader.number(['bar1_memory_usage', 'total'], 'bytes'),
      Bar1UsedBytes: reader.number(['bar1_memory_usage', 'used'], 'bytes'),
      Bar1FreeBytes: reader.number(['bar1_memory_usage', 'free'], 'bytes'),
      SramUncorrectable: reader.number(['ecc_error_count', 'volatile_count', 'sram_uncorrectable'], 'count'),
      Multiprocessors: reader.number(['device_attributes', 'shared', 'multiprocessor_count'], 'count'),
    };
    for (const [name, value] of Object.entries(told)) if (value !== null) extra[`mig${index}${name}`] = value;
  }
  return extra;
}

export function readProcesses(node: XmlNode, where: string, problems: ProblemLog): GpuProcess[] {
  const processes: GpuProcess[] = [];
  const infos = childOf(node, 'processes')?.children.filter((child) => child.name === 'process_info') ?? [];
  infos.forEach((info, position) => {
    const place = `${where}/processes/process_info[${position}]`;
    const reader = createNodeReader(info, place, problems);
    const pid = reader.number(['pid'], 'pid');
    if (pid === null) {
      problems.add(`${place}/pid`, childOf(info, 'pid')?.text.trim() ?? '', 'is no process id');
      return;
    }
    processes.push({
      pid,
      type: reader.text(['type']),
      name: reader.text(['process_name']),
      usedMemoryBytes: reader.number(['used_memory'], 'bytes'),
      smRatio: null,
      gpuInstanceId: reader.number(['gpu_instance_id'], 'index'),
      computeInstanceId: reader.number(['compute_instance_id'], 'index'),
    });
  });
  return processes;
}
