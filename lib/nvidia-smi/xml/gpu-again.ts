import type { Gpu } from '../../model/index.ts';
import { type Draft, splitField } from '../draft.ts';
import { mergeMode } from '../gpu.ts';
import type { ProblemLog } from '../problems.ts';
import type { SmiGpu } from '../types.ts';
import type { Value } from '../values.ts';
import { extraFields, gpuFields, throttleGroups, type XmlField } from './fields.ts';
import {
  firstValue,
  type GpuElement,
  migExtra,
  readEcc,
  readMigDevices,
  readProcesses,
  readThrottleReasons,
} from './gpu.ts';
import { createNodeReader, failuresBelow } from './reader.ts';
import type { XmlNode } from './tree.ts';

/** A GPU as the document before told it, without a failure and without anything that was not understood. */
export interface KnownGpu {
  readonly id: string | null;
  readonly node: XmlNode;
  readonly read: SmiGpu;
}

/** By the names of the sections that one of their paths begins with. */
function bySection(fields: readonly XmlField[]): ReadonlyMap<string, readonly XmlField[]> {
  const sections = new Map<string, XmlField[]>();
  for (const field of fields)
    for (const name of new Set(field.from.map(([section = '']) => section)))
      sections.set(name, [...(sections.get(name) ?? []), field]);
  return sections;
}

const modelFields = bySection(gpuFields);
const otherFields = bySection(extraFields);

/** Names of the sections that are not the same element as before; null where one came, went or moved. */
function changedSections(before: XmlNode, now: XmlNode): ReadonlySet<string> | null {
  if (before.children.length !== now.children.length) return null;
  const changed = new Set<string>();
  for (const [at, section] of now.children.entries()) {
    const known = before.children[at];
    if (known?.name !== section.name) return null;
    if (known !== section) changed.add(section.name);
  }
  return changed;
}

/** Of elements with the same sections in the same order: the list of names goes from the one to the other. */
function keepNames(before: XmlNode, now: XmlNode): void {
  const { byName } = before;
  if (byName === undefined) return;
  for (const [at, section] of now.children.entries()) {
    const known = before.children[at];
    if (known !== section && byName.get(section.name) === known) byName.set(section.name, section);
  }
  now.byName = byName;
  before.byName = undefined;
}

/** The GPU before with the sections that changed read anew: the same as reading it whole. Null where only that tells. */
export function readGpuAgain(before: KnownGpu, element: GpuElement, problems: ProblemLog): SmiGpu | null {
  const { id, node, index, position, form } = element;
  const changed = before.id === id ? changedSections(before.node, node) : null;
  if (changed === null || failuresBelow(node).length > 0) return null;
  keepNames(before.node, node);
  const { gpu, extra } = before.read;
  if (changed.size === 0)
    return gpu.index === index ? before.read : { ...before.read, gpu: { ...gpu, index } };
  const where = `${form}:/gpu[${position}]`;
  const again: Again = { node, where, problems, changed };
  const read = gpuAgain(gpu, again);
  return {
    gpu: { ...read, index, pciBusId: read.pciBusId ?? id },
    state: 'ok',
    failure: null,
    extra: extraAgain(extra, again),
  };
}

interface Again {
  readonly node: XmlNode;
  readonly where: string;
  readonly problems: ProblemLog;
  readonly changed: ReadonlySet<string>;
}

const fieldsOf = (of: ReadonlyMap<string, readonly XmlField[]>, { changed }: Again): ReadonlySet<XmlField> =>
  new Set([...changed].flatMap((name) => of.get(name) ?? []));

function gpuAgain(before: Gpu, again: Again): Gpu {
  const { node, where, problems, changed } = again;
  const reader = createNodeReader(node, where, problems);
  const draft: Draft = { ...before };
  const fresh = new Set<string>();
  for (const field of fieldsOf(modelFields, again)) {
    if (field.to === null) continue;
    const [group = '', name] = splitField(field.to);
    const value = firstValue(reader, field);
    if (name === undefined) {
      draft[group] = value;
      continue;
    }
    // What was told before is never written to.
    if (!fresh.has(group)) draft[group] = { ...(draft[group] as object | null) };
    fresh.add(group);
    (draft[group] as Draft)[name] = value;
  }
  const gpu = draft as unknown as Gpu;
  const isThrottleChanged = throttleGroups.some(({ group }) => changed.has(group));
  return {
    ...gpu,
    migMode: mergeMode(null, gpu.migMode),
    eccMode: mergeMode(null, gpu.eccMode),
    ...(isThrottleChanged ? { throttleReasons: readThrottleReasons(node, where, problems) } : {}),
    ...(changed.has('ecc_errors')
      ? { ecc: { volatile: readEcc(reader, 'volatile'), aggregate: readEcc(reader, 'aggregate') } }
      : {}),
    ...(changed.has('mig_devices') ? { migDevices: readMigDevices(node, where, problems) } : {}),
    ...(changed.has('processes') ? { processes: readProcesses(node, where, problems) } : {}),
  };
}

function extraAgain(before: Readonly<Record<string, Value>>, again: Again): Readonly<Record<string, Value>> {
  const { node, where, problems, changed } = again;
  const fields = fieldsOf(otherFields, again);
  if (fields.size === 0 && !changed.has('mig_devices')) return before;
  const reader = createNodeReader(node, where, problems);
  const extra: Record<string, Value> = { ...before };
  for (const field of fields) {
    if (field.extra === undefined) continue;
    const value = firstValue(reader, field);
    if (value === null) delete extra[field.extra];
    else extra[field.extra] = value;
  }
  if (!changed.has('mig_devices')) return extra;
  for (const name of Object.keys(extra)) if (/^mig\d/.test(name)) delete extra[name];
  return { ...extra, ...migExtra(node, where, problems) };
}
