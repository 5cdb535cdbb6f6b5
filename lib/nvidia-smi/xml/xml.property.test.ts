import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type bounds, isWithin } from '../../model/index.ts';
import { parseSmiXml, type SmiDocument } from '../index.ts';

const texts = ['r418-ecc.xml', 'r610-mig-and-lost.xml'].map((name) =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'),
);
const anyText = fc.constantFrom(...texts);
const printed = fc.constantFrom(
  'N/A',
  '[N/A]',
  'ERR!',
  'GPU is lost',
  '101 %',
  '251 C',
  '100001 W',
  '100001 MHz',
  '999999999999 MiB',
  '70000',
  '9007199254740991',
  '-3 W',
  'NaN',
  '1e999 MiB',
  '∞',
  '',
);

/** Numbers are within their bounds, every key is there. */
function expectSound(document: SmiDocument): void {
  const open: [string, unknown][] = document.gpus.flatMap(({ gpu, extra }) => [
    ...Object.entries(gpu),
    ...Object.entries(extra),
  ]);
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const [key, value] = item;
    if (typeof value === 'number') {
      expect(Number.isFinite(value), key).toBe(true);
      const unit = /(ratio|bytes|watts|hertz|celsius)$/i.exec(key)?.[1]?.toLowerCase();
      const kind = key === 'fanRatio' ? 'looseRatio' : ((unit ?? 'count') as keyof typeof bounds);
      expect(isWithin(kind, value) || unit === undefined, `${key} ${value}`).toBe(true);
    } else if (typeof value === 'object' && value !== null) {
      open.push(...Object.entries(value));
    }
    expect(value, key).not.toBeUndefined();
  }
}

describe('parseSmiXml', () => {
  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expectSound(parseSmiXml(text));
        expectSound(parseSmiXml(`<nvidia_smi_log>${text}`));
      }),
    );
  });

  it('reads a cut document as a subset of the whole, with equal values', () => {
    fc.assert(
      fc.property(anyText, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
        const cut = parseSmiXml(text.slice(0, Math.floor(text.length * share)));
        const whole = parseSmiXml(text);
        expectSound(cut);
        expect(whole.gpus.slice(0, cut.gpus.length)).toEqual(cut.gpus);
        if (cut.gpus.length < whole.gpus.length) expect(cut.failure).not.toBeNull();
      }),
    );
  });

  it('reads documents with flipped characters soundly', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 127 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(anyText, flips, (text, changes) => {
        const characters = [...text];
        for (const [at, bits] of changes) {
          const position = at % characters.length;
          const code = (characters[position]?.codePointAt(0) ?? 0) ^ bits;
          characters[position] = String.fromCodePoint(code);
        }
        expectSound(parseSmiXml(characters.join('')));
      }),
    );
  });

  it('reads any value in any place soundly', () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.option(printed, { freq: 3 })), (text, values) => {
        const changed = text.replaceAll(/>([^<>\n]+)</g, (match) => {
          const value = values.next().value;
          return value === null || value === undefined ? match : `>${value}<`;
        });
        const document = parseSmiXml(changed);
        expectSound(document);
        expect(document.gpus.length).toBe(parseSmiXml(text).gpus.length);
      }),
    );
  });
});
