import { expect, test } from 'vitest';
import { parseText } from './forms.ts';
import { describeFile } from './table.ts';

const stateIn = (text: string): string | undefined =>
  /^ {2}0 +\S+ +(\S+)/m.exec(describeFile('a', parseText(text)))?.[1];

test('Xids are listed, and other lists counted', () => {
  const text = describeFile(
    'a',
    parseText('[ 1.0] NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.\n'),
  );
  expect(text).toMatch(/^ {2}79 +00000000:3B:00\.0 +1 +critical +\S/m);
  const topo = describeFile('a', parseText('\tGPU0\tCPU Affinity\tNUMA Affinity\nGPU0\t X \t0-23\t0\n'));
  expect(topo).toContain('  devices: 1\n');
});

test('a state is shown where the text tells of one', () => {
  expect(stateIn('# gpu  pid  type  sm  command\n# Idx  #  C/G  %  name\n  0  7  C  5  a\n')).toBe('–');
  expect(stateIn('index, name, utilization.gpu [%]\n0, Imaginary, 5 %\n')).toBe('ok');
});
