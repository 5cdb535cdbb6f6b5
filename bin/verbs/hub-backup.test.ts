import { expect, test } from 'vitest';
import { contentsOf } from './hub-backup.ts';

test.each([
  [['history.sqlite', 'state.sqlite'], 'state and history'],
  [
    ['history.sqlite', 'state.sqlite', 'ssh-secret.key'],
    'state, history and the key to sealed secrets (ssh-secret.key)',
  ],
  [
    ['history.sqlite', 'state.sqlite', 'ssh-secret.key', 'tls/ca.pem'],
    "state, history, the key to sealed secrets (ssh-secret.key) and the hub's TLS keys",
  ],
])('%j is said as %s', (paths, words) => {
  expect(contentsOf(paths.map((path) => ({ path })))).toBe(words);
});
