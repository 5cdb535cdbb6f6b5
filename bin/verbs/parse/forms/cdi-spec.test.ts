import { expect, test } from 'vitest';
import { parseText } from '../forms.ts';

test('a specification in JSON that is cut says so', () => {
  const text = '{"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[]}\n';
  expect(parseText(text)).toMatchObject({ kind: 'cdi-spec', failure: null, problems: [] });
  const deep =
    '{"cdiVersion":"0.5.0","devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/nvidia0"}]}}]}';
  for (let length = 24; length < deep.length; length += 1)
    expect(parseText(deep.slice(0, length)).failure?.code, deep.slice(0, length)).toBe('truncated');
  expect(parseText(deep).failure).toBeNull();
  expect(parseText(text.slice(0, 40))).toMatchObject({ kind: 'cdi-spec', failure: { code: 'truncated' } });
});
