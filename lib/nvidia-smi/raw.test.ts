import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Gpu, RawText } from '../model/index.ts';
import { fieldOrigins } from './origins.ts';
import { createQueryGpuReader, queryGpuFields } from './query-gpu/index.ts';
import { rawQueryRow, rawSmiXml } from './raw.ts';
import { readValue, type ValueKind } from './values.ts';
import { parseSmiXml } from './xml/index.ts';

const hosts = new URL('../../agents/access/simulated/hosts/', import.meta.url);
const recorded = readdirSync(hosts).flatMap((name): [string, string][] => {
  try {
    return [[name, readFileSync(new URL(`${name}/commands/nvidia-smi-q-x.xml`, hosts), 'utf8')]];
  } catch {
    return [];
  }
});
const fixtures = ['r418-ecc', 'r610-mig-and-lost'].map((name): [string, string] => [
  name,
  readFileSync(new URL(`./fixtures/${name}.xml`, import.meta.url), 'utf8'),
]);
const documents = [...recorded, ...fixtures];

const valueAt = (gpu: Gpu, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : null),
      gpu,
    );

/** Another text that the same kind of value can have. */
function another(text: string, kind: ValueKind): string {
  if (kind === 'flag') return /^(enabled|yes|active)$/i.test(text) ? 'No' : 'Yes';
  if (kind === 'performanceState') return text === 'P3' ? 'P4' : 'P3';
  if (kind === 'text' || kind === 'uuid') return `${text}-other`;
  const number = Number(/-?\d+(\.\d+)?/.exec(text)?.[0] ?? '0');
  return text.replace(/-?\d+(\.\d+)?/, String(number === 7 ? 8 : 7));
}

/** The document with the text of one element below the <gpu> that has this uuid changed; found by walking the tags. */
function changed(document: string, uuid: string, path: string, to: string): string {
  const start = document.lastIndexOf('<gpu ', document.indexOf(uuid));
  const attribute = /^@(\w+)$/.exec(path)?.[1];
  if (attribute !== undefined)
    return `${document.slice(0, start)}${document.slice(start).replace(new RegExp(`${attribute}="[^"]*"`), `${attribute}="${to}"`)}`;
  const open: string[] = [];
  const tag = /<(\/?)([\w.]+)[^>]*?(\/?)>/g;
  tag.lastIndex = start;
  for (let match = tag.exec(document); match !== null; match = tag.exec(document)) {
    const [whole, closes, name = '', closesItself] = match;
    if (closes === '/') open.pop();
    else if (closesItself === '') open.push(name);
    if (closes === '' && open.slice(1).join('/') === path) {
      const from = match.index + whole.length;
      return `${document.slice(0, from)}${to}${document.slice(document.indexOf('<', from))}`;
    }
  }
  throw new Error(`no ${path}`);
}

describe.each(documents)('the texts behind %s', (_, document) => {
  const { gpus } = parseSmiXml(document);
  const raw = rawSmiXml(document);

  it('are there for every value that was read, and say the same', () => {
    for (const { gpu, state } of gpus) {
      if (state !== 'ok' || gpu.uuid === null) continue;
      const fields = raw.gpus.get(gpu.uuid) ?? {};
      for (const { field, kind } of fieldOrigins) {
        const value = valueAt(gpu, field);
        if (value === null || value === undefined || field === 'index') continue;
        const { text } = fields[field] ?? { text: `nothing for ${field}` };
        if (field === 'throttleReasons' || text.includes(' + ')) continue;
        expect(readValue(text, kind as ValueKind), field).toEqual({ kind: 'value', value });
      }
    }
  });

  it('are those that decide: another text there is another value, and no other field moves', () => {
    const [first] = gpus.filter(({ state, gpu }) => state === 'ok' && gpu.uuid !== null);
    if (first === undefined) throw new Error('no GPU answers');
    const uuid = first.gpu.uuid ?? '';
    const shared = Map.groupBy(Object.entries(raw.gpus.get(uuid) ?? {}), ([, { name }]) => name);
    let tried = 0;
    for (const { field, kind } of fieldOrigins) {
      const told: RawText | undefined = raw.gpus.get(uuid)?.[field];
      if (told === undefined || field === 'uuid' || field === 'throttleReasons' || told.name.includes(' + '))
        continue;
      if (valueAt(first.gpu, field) === null) continue;
      const after = parseSmiXml(changed(document, uuid, told.name, another(told.text, kind as ValueKind)));
      const gpu = after.gpus.find((each) => each.gpu.uuid === uuid)?.gpu;
      if (gpu === undefined) throw new Error(`the GPU is gone without ${field}`);
      tried += 1;
      for (const { field: other } of fieldOrigins) {
        const same = shared.get(told.name)?.some(([name]) => name === other) ?? false;
        const isEqual = JSON.stringify(valueAt(gpu, other)) === JSON.stringify(valueAt(first.gpu, other));
        expect([field, other, isEqual]).toEqual([field, other, !same]);
      }
    }
    expect(tried).toBeGreaterThan(15);
  });

  it('name only elements that the table of origins names', () => {
    for (const fields of raw.gpus.values())
      for (const [field, { name }] of Object.entries(fields)) {
        if (/^(migDevices|processes)\./.test(field)) continue;
        const origin = fieldOrigins.find((each) => each.field === field);
        expect(
          origin?.xml.some((path) => path === name || path.split(' + ').some((part) => name.includes(part))),
          field,
        ).toBe(true);
      }
  });

  it('cover the memory of each process and MIG device', () => {
    for (const { gpu, state } of gpus) {
      if (state !== 'ok' || gpu.uuid === null) continue;
      const fields = raw.gpus.get(gpu.uuid) ?? {};
      for (const process of gpu.processes) {
        const key = `processes.${process.pid}.${process.gpuInstanceId ?? ''}.${process.computeInstanceId ?? ''}.usedMemoryBytes`;
        const reading = readValue(fields[key]?.text ?? '', 'bytes');
        expect(reading.kind === 'value' ? reading.value : null).toBe(process.usedMemoryBytes);
      }
      gpu.migDevices.forEach((device, position) => {
        const reading = readValue(fields[`migDevices.${position}.memory.usedBytes`]?.text ?? '', 'bytes');
        expect(reading.kind === 'value' ? reading.value : null).toBe(device.memory.usedBytes);
      });
    }
  });
});

it('adds up ECC as it says it does', () => {
  for (const [, document] of documents)
    for (const { gpu } of parseSmiXml(document).gpus)
      for (const [field, { text }] of Object.entries(rawSmiXml(document).gpus.get(gpu.uuid ?? '') ?? {}))
        if (field.startsWith('ecc.') && valueAt(gpu, field) !== null)
          expect(
            text.split(' + ').reduce((sum, part) => sum + Number(part), 0),
            field,
          ).toBe(valueAt(gpu, field));
});

describe('the texts behind a row of the query', () => {
  const line = queryGpuFields
    .map((name) => (name === 'uuid' ? 'GPU-1' : name === 'pstate' ? 'P2' : '12'))
    .join(', ');

  it('decide, one by one', () => {
    const parse = (text: string) => {
      const reader = createQueryGpuReader(queryGpuFields);
      return reader.push(text)?.gpu as Gpu;
    };
    const before = parse(line);
    const raw = rawQueryRow(queryGpuFields, line);
    const decided = Object.entries(raw).filter(([field]) => field !== 'uuid' && field !== 'throttleReasons');
    expect(decided.length).toBeGreaterThan(14);
    for (const [field, { name, text }] of decided) {
      const cells = line.split(', ');
      cells[queryGpuFields.indexOf(name)] = name === 'pstate' ? 'P7' : '7';
      expect([text, field, valueAt(parse(cells.join(', ')), field)]).not.toEqual([
        text,
        field,
        valueAt(before, field),
      ]);
      expect(fieldOrigins.find((origin) => origin.field === field)?.query).toContain(name);
    }
  });

  it('say what stands where a value should', () => {
    const raw = rawQueryRow(['uuid', 'fan.speed', 'power.draw'], 'GPU-1, [N/A], [GPU is lost]');
    expect(raw['fanRatio']).toEqual({ form: 'query', name: 'fan.speed', text: '[N/A]' });
    expect(raw['power.drawWatts']?.text).toBe('[GPU is lost]');
  });

  it('are none for a line of other columns', () => {
    expect(rawQueryRow(['uuid', 'fan.speed'], 'GPU-1')).toEqual({});
    expect(rawQueryRow(['uuid'], 'GPU-1, 3')).toEqual({});
  });
});

it('never throws', () => {
  for (const text of [
    '',
    '<',
    '<nvidia_smi_log>',
    '<nvidia_smi_log><gpu><uuid>x</uuid>',
    'No devices were found',
  ])
    expect(() => rawSmiXml(text)).not.toThrow();
});
