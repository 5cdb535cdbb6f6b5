import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createXmlMemory, parseSmiXml } from './index.ts';
import { readPlainXml } from './plain.ts';
import { readAnyXmlLog, readXmlLog } from './tree.ts';

const hosts = new URL('../../../agents/access/simulated/hosts/', import.meta.url);
const documents = readdirSync(hosts, { withFileTypes: true }).flatMap((entry) => {
  try {
    return [readFileSync(new URL(`${entry.name}/commands/nvidia-smi-q-x.xml`, hosts), 'utf8')];
  } catch {
    return [];
  }
});
const nothing = { open: () => {}, text: () => {}, close: () => {} };

describe('reading plain XML', () => {
  test('takes what nvidia-smi prints, and gives what the full parser gives', () => {
    expect(documents.length).toBeGreaterThan(4);
    for (const xml of documents) {
      expect(readPlainXml(xml, nothing)).toBe(true);
      expect(readXmlLog(xml)).toEqual(readAnyXmlLog(xml));
    }
  });

  test.each([
    ['<a>&amp;</a>'],
    ['<a><b></a></b>'],
    ['<a/><b/>'],
    ['<a><![CDATA[x]]></a>'],
    ['<a><!-- x --></a>'],
    ['<a b="1" id="2"/>'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a/>'],
    ['<a>'],
    ['<a></a> x'],
    [''],
    ['<a>\u0000</a>'],
    ['<a>\u00e9</a>'],
    ['<1/>'],
    ['< a/>'],
  ])('leaves %j to the full parser', (xml) => {
    expect(readPlainXml(xml, nothing)).toBe(false);
  });

  test('of a document that was cut, changed or put together wrongly gives what the full parser gives', () => {
    const piece = fc.constantFrom(
      '<gpu id="1">',
      '</gpu>',
      '<a>',
      '</a>',
      '<b/>',
      '&',
      '<',
      '>',
      '"',
      'N/A',
      '\r\n',
      ']]>',
      '<!--',
    );
    const [first = ''] = documents;
    const change = fc.record({
      from: fc.nat(first.length),
      length: fc.nat(200),
      put: fc.oneof(piece, fc.string({ maxLength: 20 })),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), fc.nat(first.length), (changes, end) => {
        let xml = first.slice(0, changes.length === 0 ? end : undefined);
        for (const { from, length, put } of changes)
          xml = xml.slice(0, from) + put + xml.slice(from + length);
        expect(readXmlLog(xml)).toEqual(readAnyXmlLog(xml));
      }),
      { numRuns: 100 },
    );
  });
});

describe('reading a document with the one before it in mind', () => {
  const [first = '', second = ''] = documents;
  const piece = fc.constantFrom(
    '</gpu>',
    '<gpu id="1">',
    '<b/>',
    '<b>',
    '</b>',
    '&',
    '7',
    'N/A',
    '\r',
    'GPU is lost',
  );
  const change = fc.record({
    at: fc.nat(first.length),
    cut: fc.nat(3000),
    put: fc.oneof(piece, fc.constant('')),
  });

  test('gives what reading it alone gives, whatever changed, came or went', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 2 }), { minLength: 2, maxLength: 5 }), (steps) => {
        const memory = createXmlMemory();
        for (const changes of steps) {
          let xml = first;
          for (const { at, cut, put } of changes) xml = xml.slice(0, at) + put + xml.slice(at + cut);
          expect(parseSmiXml(xml, memory)).toEqual(parseSmiXml(xml));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('gives what reading it alone gives, whatever values are printed', () => {
    const values = fc.constantFrom(
      'N/A',
      '7',
      '45 %',
      '1234 MiB',
      '98.50 W',
      'Enabled',
      'Not Active',
      'GPU is lost',
      '?',
      '',
    );
    const steps = fc.array(fc.array(fc.tuple(fc.nat(), values), { maxLength: 6 }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.constantFrom(...documents), steps, (document, all) => {
        const memory = createXmlMemory();
        let pieces = document.split(/(?<=>)([^<>]*\S[^<>]*)(?=<)/);
        for (const changes of all) {
          pieces = [...pieces];
          for (const [at, value] of changes) pieces[2 * (at % (pieces.length >> 1)) + 1] = value;
          const xml = pieces.join('');
          expect(parseSmiXml(xml, memory)).toEqual(parseSmiXml(xml));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('what was told stays as it was when the next document changes', () => {
    const memory = createXmlMemory();
    const before = parseSmiXml(first, memory);
    const kept = structuredClone(before);
    const after = parseSmiXml(first.replace(/<fb_memory_usage>\s*<total>\d+/, '$&0'), memory);
    expect(before).toEqual(kept);
    expect(after.gpus[0]?.gpu.memory).not.toEqual(before.gpus[0]?.gpu.memory);
    expect(after.gpus[0]?.gpu.pcie).toBe(before.gpus[0]?.gpu.pcie);
    expect(after.gpus[1]).toBe(before.gpus[1]);
  });

  test('of another host is no other', () => {
    const memory = createXmlMemory();
    for (const xml of [first, second, first, first])
      expect(parseSmiXml(xml, memory)).toEqual(parseSmiXml(xml));
  });

  test('reads again only what is printed anew', () => {
    const memory = createXmlMemory();
    readXmlLog(first, memory);
    const before = memory.sections;
    readXmlLog(first.replace(/<power_draw>[^<]*|<instant_power_draw>[^<]*/, '$&1'), memory);
    const fresh = memory.sections.filter((section, at) => section !== before[at]);
    expect(memory.sections.length).toBe(before.length);
    expect(fresh).toHaveLength(1);
  });
});
