import { expect, test } from 'vitest';
import { problemText } from './hub-request.ts';

test('what a hub refuses is said once, and of several fields each by name', () => {
  const one = {
    detail: 'There is a key of that name.',
    errors: [{ pointer: '/name', detail: 'There is a key of that name.' }],
  };
  expect(problemText(JSON.stringify(one))).toBe('There is a key of that name.');
  const errors = [
    { pointer: '/port', detail: 'no port' },
    { pointer: '/user', detail: 'no user name' },
  ];
  expect(problemText(JSON.stringify({ detail: '2 fields are wrong.', errors }))).toBe(
    '2 fields are wrong. /port: no port /user: no user name',
  );
  expect(problemText('not JSON')).toBeNull();
});
