import { expect, test } from 'vitest';
import { parseText } from '../forms.ts';

test('a specification in JSON that is cut says so', () => {
  const text = '{"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[]}\n';
  expect(parseText(text)).toMatchObject({ kind: 'cdi-spec', failure: null, problems: [] });
  expect(parseText(text.slice(0, 40))).toMatchObject({ kind: 'cdi-spec', failure: { code: 'truncated' } });
});
