import { expect, test } from 'vitest';
import { parseText } from './forms.ts';
import { describeFile } from './table.ts';

const stateIn = (text: string): string | undefined =>
  /^ {2}0 +\S+ +(\S+)/m.exec(describeFile('a', parseText(text)))?.[1];

test('a state is shown where the text tells of one', () => {
  expect(stateIn('# gpu  pid  type  sm  command\n# Idx  #  C/G  %  name\n  0  7  C  5  a\n')).toBe('–');
  expect(stateIn('index, name, utilization.gpu [%]\n0, Imaginary, 5 %\n')).toBe('ok');
});
