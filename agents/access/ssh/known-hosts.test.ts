import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { judgeKey, knownHostsName, knownTypes, parseKnownHosts } from './known-hosts.ts';

/** A key as it goes over the wire: its type with its length, then bytes of its own. */
function key(type: string, filler: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.alloc(32, filler)]);
}

const own = key('ssh-ed25519', 1);
const other = key('ssh-ed25519', 2);
const rsa = key('ssh-rsa', 3);
const line = (names: string, of: Buffer, type = 'ssh-ed25519'): string =>
  `${names} ${type} ${of.toString('base64')} a comment`;
const hashed = (name: string): string => {
  const salt = Buffer.alloc(20, 7);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
};

describe('judgeKey', () => {
  test.each([
    ['gpu1', [line('gpu1', own)], 'known'],
    ['gpu1', [line('GPU1,10.0.0.1', own)], 'known'],
    ['gpu1', [line('gpu*', own)], 'known'],
    ['gpu1', [line('gpu?', own)], 'known'],
    ['gpu10', [line('gpu?', own)], 'unknown'],
    ['gpu1', [line('gpu*,!gpu1', own)], 'unknown'],
    ['gpu1', [line(hashed('gpu1'), own)], 'known'],
    ['gpu2', [line(hashed('gpu1'), own)], 'unknown'],
    ['[gpu1]:2222', [line('gpu1', own)], 'unknown'],
    ['[gpu1]:2222', [line('[gpu1]:2222', own)], 'known'],
    ['gpu1', [line('gpu1', other)], 'changed'],
    ['gpu1', [line('gpu1', other), line('gpu1', own)], 'known'],
    ['gpu1', [line('gpu1', rsa, 'ssh-rsa')], 'changed'],
    ['gpu1', [line('gpu1', rsa, 'ssh-rsa'), line('gpu1', own)], 'known'],
    ['gpu1', [`@revoked ${line('gpu1', rsa, 'ssh-rsa')}`], 'unknown'],
    ['gpu1', [line('gpu1', own), `@revoked ${line('*', own)}`], 'revoked'],
    ['gpu1', [line('gpu1', own), `@revoked ${line('*', other)}`], 'known'],
    ['gpu1', [`@cert-authority ${line('*', other)}`], 'only-authority'],
    ['gpu1', [`@cert-authority ${line('*', own)}`], 'only-authority'],
    ['gpu1', [], 'unknown'],
  ] as const)('%s by %j: %s', (name, lines, verdict) => {
    expect(judgeKey(parseKnownHosts(lines.join('\n')), name, own)).toBe(verdict);
  });
});

test('a pattern of stars costs no more than its length', () => {
  const hosts = parseKnownHosts(line(`${'*a'.repeat(50)}b`, own));
  expect(judgeKey(hosts, 'a'.repeat(250), own)).toBe('unknown');
});

test('lines that say nothing to us are counted, the others are taken', () => {
  const read = parseKnownHosts(
    ['# a comment', '', 'no-key-here', '@unheard-of x ssh-rsa AAAA', line('gpu1', own), 'x ssh-rsa !!!'].join(
      '\n',
    ),
  );
  expect(read.unreadableLines).toEqual([3, 4, 6]);
  expect(read.keys).toHaveLength(1);
});

test('the kinds that are known come first, those of authorities and revoked ones not at all', () => {
  const text = [
    line('gpu1', rsa, 'ssh-rsa'),
    line('gpu1', own),
    `@revoked ${line('gpu1', other, 'ecdsa-sha2-nistp256')}`,
  ].join('\n');
  expect(knownTypes(parseKnownHosts(text), 'gpu1')).toEqual(['ssh-rsa', 'ssh-ed25519']);
});

test('a port other than 22 is part of the name', () => {
  expect(knownHostsName('GPU1', 22)).toBe('gpu1');
  expect(knownHostsName('gpu1', 2222)).toBe('[gpu1]:2222');
});
