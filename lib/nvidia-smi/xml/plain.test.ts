import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
