import ssh2 from 'ssh2';
import { afterEach, expect, test, vi } from 'vitest';
import { makeKeyPair } from './hub-target.ts';

afterEach(() => vi.restoreAllMocks());

test('a key that ssh2 makes and cannot read is made anew', () => {
  const make = ssh2.utils.generateKeyPairSync.bind(ssh2.utils);
  let made = 0;
  const spy = vi.spyOn(ssh2.utils, 'generateKeyPairSync').mockImplementation(((type: 'ed25519') => {
    made += 1;
    const { private: privateText, public: publicLine } = make(type);
    // Without the first bytes of the key itself, as where they are zeros.
    const [kind, text = ''] = publicLine.split(' ');
    const blob = Buffer.from(text, 'base64');
    const cut = Buffer.concat([blob.subarray(0, 18), Buffer.from([31]), blob.subarray(20)]);
    return { private: privateText, public: made < 3 ? `${kind} ${cut.toString('base64')}` : publicLine };
  }) as unknown as typeof ssh2.utils.generateKeyPairSync);
  const { privateText, publicLine } = makeKeyPair('gpufleet-lab');
  expect(spy).toHaveBeenCalledTimes(3);
  const key = ssh2.utils.parseKey(privateText);
  if (key instanceof Error) throw key;
  expect(publicLine).toContain(key.getPublicSSH().toString('base64'));
});

test('each of many keys can be read, and is named', () => {
  for (let round = 0; round < 600; round += 1) {
    const { privateText, publicLine } = makeKeyPair('gpufleet-lab');
    expect(ssh2.utils.parseKey(privateText)).not.toBeInstanceOf(Error);
    expect(publicLine).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68} gpufleet-lab$/);
  }
});

test('where none can be made, that is said', () => {
  vi.spyOn(ssh2.utils, 'generateKeyPairSync').mockReturnValue({ private: '', public: '' });
  expect(() => makeKeyPair('gpufleet-lab')).toThrow('no key could be made that can be read again');
});
