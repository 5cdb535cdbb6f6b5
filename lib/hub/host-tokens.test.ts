import { expect, test } from 'vitest';
import { createHostTokens } from './host-tokens.ts';
import { hashSecret, secretKind } from './secrets.ts';

test('a token of one host is found until it is used or over', () => {
  let now = 1000;
  const tokens = createHostTokens(() => now);
  const secret = tokens.make({ hostId: 'a', createdBy: 'user ada', expiresAtMillis: 2000 });
  expect(secretKind(secret)).toBe('enrollment');
  expect(tokens.find(hashSecret(secret))?.hostId).toBe('a');
  expect(tokens.find(secret)).toBeNull();
  const other = tokens.make({ hostId: 'b', createdBy: 'user ada', expiresAtMillis: 3000 });
  tokens.end(hashSecret(secret));
  expect(tokens.find(hashSecret(secret))).toBeNull();
  now = 3000;
  expect(tokens.find(hashSecret(other))).toBeNull();
});
