import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSmiPmon } from '../../../lib/nvidia-smi/index.ts';
import { createSampleReader, type ShareSample } from './sample.ts';

const heads = [
  [
    '# gpu        pid  type    sm   mem   enc   dec   command',
    '# Idx          #   C/G     %     %     %     %   name',
  ],
  [
    '# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command ',
    '# Idx           #    C/G      %      %      %      %      %      %    name ',
  ],
  ['# gpu pid type fb sm sm new command'],
  ['# gpu pid sm mem command', '# Idx # %'],
];
const cell = fc.constantFrom(
  '-',
  '0',
  '7',
  '45',
  '100',
  '101',
  '-3',
  '4.5',
  'x',
  '\u001b[1m9\u001b[0m',
  '9999999999999',
);
const row = fc
  .tuple(fc.nat({ max: 3 }), fc.constantFrom('-', '7', '8', '99999', 'pid'), fc.array(cell, { maxLength: 9 }))
  .map(([gpu, pid, cells]) => `    ${gpu}  ${pid}  C  ${cells.join('   ')}   python a b`);
const line = fc.oneof(
  { weight: 12, arbitrary: row },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '  ', '# odd', 'NVRM: what', '1', '0\r', `0 7 ${'9'.repeat(70_000)}`),
  },
);

/** Each sample as the parser of whole texts reads it: the same lines, cut at the same places. */
function readWhole(lines: readonly string[]): ShareSample[] {
  const samples: ShareSample[] = [];
  const reader = createSampleReader((sample) => samples.push(sample));
  // An escape that means nothing makes a text one for the parser of whole texts.
  for (const each of lines) reader.push(each.startsWith('#') ? `${each}\u001b[0m` : each);
  reader.flush();
  return samples;
}

it('a sample is the same, whether its lines are read one by one or as a text', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...heads),
      fc.array(line, { maxLength: 20 }),
      fc.boolean(),
      (head, lines, again) => {
        const all = [...head, ...lines, ...(again ? [...head, ...lines] : [])];
        const samples: ShareSample[] = [];
        const reader = createSampleReader((sample) => samples.push(sample));
        for (const each of all) reader.push(each);
        reader.flush();
        expect(samples).toEqual(readWhole(all));
        const [first] = samples;
        if (first === undefined || lines.some((each) => each.startsWith('#'))) return;
        const told = parseSmiPmon(`${[...head, ...lines].join('\n')}\n`);
        for (const [index] of first) expect(told.gpuIndexes).toContain(index);
      },
    ),
    { numRuns: 500 },
  );
});
