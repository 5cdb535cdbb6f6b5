import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type bounds, isWithin } from '../../../lib/model/index.ts';
import { fixture } from '../../../lib/nvidia-smi/fixtures/read.ts';
import { emptyFile, type ParsedFile } from './form.ts';
import { forms, parseText } from './forms.ts';

const folder = fileURLToPath(new URL('../../../lib/nvidia-smi/fixtures/', import.meta.url));
const uuid = 'GPU-11111111-2222-3333-4444-555555555555';
/** Our own outputs of every form, and some short ones. */
const texts: readonly string[] = [
  ...readdirSync(folder)
    .filter((name) => /\.(?:txt|xml)$/.test(name))
    .map(fixture),
  `uuid, index, power.draw [W], utilization.gpu [%], fan.speed [%]\n${uuid}, 0, 97.75 W, 5 %, 110 %\n${uuid}, 1, [N/A], 50, 0\n`,
  `gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${uuid}, 5, a, b, 6 MiB\n${uuid}, 6, c, 700\n`,
  `GPU 0: Imaginary (UUID: ${uuid})\n  MIG 1g.5gb Device 0: (UUID: MIG-x)\nGPU 1: Imaginary (UUID: ${uuid})\n`,
  'NVIDIA-SMI version  : 610.1\nDRIVER version : Deprecated, see "KMD version" instead\nKMD version : 610.1\n',
  'Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost. Reboot the system to recover it\n',
];
/** More by FORMS_RUNS, for a long look. */
const numRuns = Number(process.env['FORMS_RUNS'] ?? 50);
const anyText = fc.constantFrom(...texts);
const anyForm = fc.constantFrom(...forms);
const printed = fc.constantFrom(
  ...[
    'N/A',
    '[N/A]',
    'ERR!',
    'GPU is lost',
    '101 %',
    '251 C',
    '100001 W',
    '-3 W',
    'NaN',
    '1e999 MiB',
    '∞',
    '',
  ],
  ...[
    '999999999999 MiB',
    '70000',
    '9007199254740993',
    '__proto__',
    'constructor',
    '|',
    ' : ',
    '\n',
    '\t',
    '#',
  ],
  ...['Infinity', '0x10', '1_000', '٣', '-', '…', '\u0000', '\ud800', '+', 'true', '99999999999999999999'],
);

/** Every key is there, every number finite and within the bounds of its unit, every GPU has a name. */
function expectSound(parsed: ParsedFile): void {
  for (const key of Object.keys(emptyFile('unknown'))) expect(parsed[key], key).not.toBeUndefined();
  expect(parsed.gpuStates.length).toBe(parsed.gpus.length);
  expect(parsed.extra.length).toBe(parsed.gpus.length);
  expect(parsed.problems.length).toBeLessThanOrEqual(101);
  for (const gpu of parsed.gpus) expect(gpu.uuid ?? gpu.index).not.toBeNull();
  const open: [string, unknown][] = Object.entries(parsed);
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const [key, value] = item;
    if (typeof value === 'number') {
      expect(Number.isFinite(value), key).toBe(true);
      const unit = /(ratio|bytes|watts|hertz|celsius)$/i.exec(key)?.[1]?.toLowerCase();
      const isLoose = key === 'fanRatio' || key === 'powerViolationRatio';
      const kind = isLoose ? 'looseRatio' : ((unit ?? 'count') as keyof typeof bounds);
      expect(isWithin(kind, value) || unit === undefined, `${key} ${value}`).toBe(true);
    } else if (typeof value === 'object' && value !== null) open.push(...Object.entries(value));
    else expect(value, key).not.toBeUndefined();
  }
}

/** What a form makes of a text, whether or not it is of that form. */
const readAs = (form: (typeof forms)[number], text: string): ParsedFile => ({
  ...emptyFile(form.kind),
  ...form.read(text),
});

const name = ({ uuid: known, index }: ParsedFile['gpus'][number]): string => `${known} ${index}`;

/** Lists are told from their beginning; all else is the same. */
function expectPart(part: unknown, whole: unknown, at = ''): void {
  if (Array.isArray(part) && Array.isArray(whole)) {
    expect(part.length, at).toBeLessThanOrEqual(whole.length);
    for (const [position, item] of part.entries()) expectPart(item, whole[position], `${at}/${position}`);
  } else if (typeof part === 'object' && part !== null && typeof whole === 'object' && whole !== null) {
    for (const [key, value] of Object.entries(part))
      expectPart(value, Object.entries(whole).find(([own]) => own === key)?.[1], `${at}/${key}`);
  } else expect(part, at).toEqual(whole);
}

/** Of these the newest row is told, which is an older one in a cut text. */
const timeSeries = new Set(['smi-pmon', 'smi-dmon', 'tegrastats']);

describe('every form', { timeout: 10_000 + numRuns * 100 }, () => {
  it('reads any text without throwing', () => {
    fc.assert(
      fc.property(anyForm, fc.string({ unit: 'binary', maxLength: 400 }), (form, text) => {
        expectSound(readAs(form, text));
        expectSound(parseText(text));
      }),
      { numRuns: numRuns * 2 },
    );
  });

  it('reads a text of any other form without throwing', () => {
    fc.assert(
      fc.property(anyForm, anyText, anyText, fc.nat(), (form, first, second, at) => {
        const cut = at % first.length;
        expectSound(readAs(form, `${first.slice(0, cut)}${second}${first.slice(cut)}`));
      }),
      { numRuns },
    );
  });

  it('reads a cut text as a part of the whole, with equal values', () => {
    fc.assert(
      fc.property(anyText, fc.double({ min: 0, max: 1, noNaN: true }), (text, share) => {
        const cut = text.slice(0, Math.floor(text.length * share));
        const whole = parseText(text);
        const form = forms.find(({ kind }) => kind === whole.kind);
        if (form === undefined) return;
        const part = readAs(form, cut);
        expectSound(part);
        const names = whole.gpus.map(name);
        for (const gpu of part.gpus) expect(names).toContain(name(gpu));
        if (timeSeries.has(whole.kind)) {
          expectPart(part['samples'], whole['samples']);
          return;
        }
        expectPart(part.gpus, whole.gpus);
        for (const list of ['instances', 'profiles', 'links']) expectPart(part[list], whole[list]);
        const tellsItsEnd = ['smi-xml', 'smi-text', 'smi-table'].includes(whole.kind);
        if (tellsItsEnd && part.gpus.length < whole.gpus.length) expect(part.failure).not.toBeNull();
      }),
      { numRuns: numRuns * 4 },
    );
  });

  it('reads texts with flipped characters soundly', () => {
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
        expectSound(parseText(characters.join('')));
      }),
      { numRuns: numRuns * 2 },
    );
  });

  it('reads any value in any place soundly', () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.option(printed, { freq: 3 })), (text, values) => {
        const kind = parseText(text).kind;
        const form = forms.find((each) => each.kind === kind);
        const changed = text.replaceAll(/[\w.%/]+/g, (word) => values.next().value ?? word);
        expectSound(parseText(changed));
        if (form !== undefined) expectSound(readAs(form, changed));
      }),
      { numRuns: numRuns * 2 },
    );
  });
});
