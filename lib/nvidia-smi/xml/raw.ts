import { type RawFields, type RawText, rawProcessField } from '../../model/index.ts';
import { numberIn } from '../narrow.ts';
import { readValue, type ValueKind } from '../values.ts';
import { eccSums, gpuFields, throttleGroups } from './fields.ts';
import { childOf, type XmlNode } from './tree.ts';

type Path = readonly string[];

function leafOf(node: XmlNode, path: Path): XmlNode | undefined {
  let at: XmlNode | undefined = node;
  for (const name of path) at = at === undefined ? undefined : childOf(at, name);
  return at;
}

/** The element that tells the value; where none does, the first that is printed, with what stands there instead. */
function rawOf(node: XmlNode, paths: readonly Path[], as: ValueKind, where = ''): RawText | null {
  let printed: RawText | null = null;
  for (const path of paths) {
    const text = leafOf(node, path)?.text.trim();
    if (text === undefined) continue;
    const raw: RawText = { form: 'xml', name: `${where}${path.join('/')}`, text };
    if (readValue(text, as).kind === 'value') return raw;
    printed ??= raw;
  }
  return printed;
}

function joined(parts: readonly RawText[]): RawText | null {
  const names = parts.map(({ name }) => name).join(' + ');
  const texts = parts.map(({ text }) => text).join(' + ');
  return parts.length === 0 ? null : { form: 'xml', name: names, text: texts };
}

function rawEcc(
  node: XmlNode,
  scope: 'volatile' | 'aggregate',
  sets: readonly (readonly string[])[],
): RawText | null {
  let printed: RawText | null = null;
  for (const paths of sets) {
    const parts = paths.flatMap(
      (path) => rawOf(node, [['ecc_errors', scope, ...path.split('/')]], 'count') ?? [],
    );
    const told = joined(parts.filter(({ text }) => readValue(text, 'count').kind === 'value'));
    if (told !== null) return told;
    printed ??= joined(parts);
  }
  return printed;
}

function rawThrottleReasons(node: XmlNode): RawText | null {
  for (const { group, prefix } of throttleGroups) {
    const told = childOf(node, group)?.children.filter(
      (child) => child.name.startsWith(prefix) && flagOf(child) !== null,
    );
    if (told === undefined || told.length === 0) continue;
    const active = told.filter((child) => flagOf(child) === true);
    const text = active.length === 0 ? 'Not Active' : active.map(({ name }) => `${name}: Active`).join(', ');
    return { form: 'xml', name: `${group}/${prefix}…`, text };
  }
  return null;
}

function flagOf({ text }: XmlNode): boolean | null {
  const reading = readValue(text, 'flag');
  return reading.kind === 'value' ? reading.value === true : null;
}

function rawMigDevices(node: XmlNode, put: (field: string, raw: RawText | null) => void): void {
  const devices = childOf(node, 'mig_devices')?.children.filter(({ name }) => name === 'mig_device') ?? [];
  devices.forEach((device, position) => {
    const where = `mig_devices/mig_device[${position + 1}]/`;
    for (const [field, name] of [
      ['usedBytes', 'used'],
      ['totalBytes', 'total'],
      ['freeBytes', 'free'],
    ] as const)
      put(
        `migDevices.${position}.memory.${field}`,
        rawOf(device, [['fb_memory_usage', name]], 'bytes', where),
      );
  });
}

function rawProcesses(node: XmlNode, put: (field: string, raw: RawText | null) => void): void {
  const infos = childOf(node, 'processes')?.children.filter(({ name }) => name === 'process_info') ?? [];
  infos.forEach((info, position) => {
    const number = (name: string): number | null => {
      const reading = readValue(childOf(info, name)?.text ?? '', name === 'pid' ? 'pid' : 'index');
      return numberIn(reading);
    };
    const pid = number('pid');
    if (pid === null) return;
    const gpuInstanceId = number('gpu_instance_id');
    const field = rawProcessField({ pid, gpuInstanceId, computeInstanceId: number('compute_instance_id') });
    put(field, rawOf(info, [['used_memory']], 'bytes', `processes/process_info[${position + 1}]/`));
  });
}

/** The texts of one <gpu> element that its fields are read from, by the same tables as readGpu(). */
export function rawGpuFields(node: XmlNode, id: string | null): RawFields {
  const fields: Record<string, RawText> = {};
  const put = (field: string, raw: RawText | null): void => {
    if (raw !== null) fields[field] = raw;
  };
  for (const { to, from, as } of gpuFields) if (to !== null) put(to, rawOf(node, from, as));
  if (fields['pciBusId'] === undefined && id !== null)
    put('pciBusId', { form: 'xml', name: '@id', text: id });
  put('throttleReasons', rawThrottleReasons(node));
  for (const scope of ['volatile', 'aggregate'] as const)
    for (const { to, sets } of eccSums) put(`ecc.${scope}.${to}`, rawEcc(node, scope, sets));
  rawMigDevices(node, put);
  rawProcesses(node, put);
  return fields;
}
