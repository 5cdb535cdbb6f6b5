import { expect, test } from 'vitest';
import { clockNote, fullDisks } from './notes.ts';
import { openSshArguments } from './openssh.ts';
import { openSshFault } from './openssh-fault.ts';
import { sshConditionCodes } from './ssh-error.ts';

const df = `Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda         264212084 16433928  79067336      18% /
tmpfs                   64       64         0     100% /tmp
/dev/sdb1             1024     1024         0     100% /var/with space
`;

test('full disks are those with nothing left, by their place, each once', () => {
  expect(fullDisks(df)).toEqual(['/tmp', '/var/with space']);
  expect(fullDisks(`${df}${df}`)).toEqual(['/tmp', '/var/with space']);
  expect(fullDisks('df: no such thing')).toEqual([]);
});

test.each([
  [1_000_000, 1_000_000, null],
  [1_000_000, 1_000_060, null],
  [1_000_000, 1_000_061, '1 minutes behind'],
  [1_000_000 + 31_536_000, 1_000_000, '365 days ahead of'],
  [Number.NaN, 1_000_000, null],
])('a clock at %d where ours is at %d', (host, own, words) => {
  const note = clockNote(host, own);
  if (words === null) expect(note).toBeNull();
  else expect(note).toMatchObject({ code: 'clock-off', text: expect.stringContaining(words) });
});

test.each([
  ['ssh: connect to host gpu1 port 22: Connection refused', 'unreachable'],
  ['ssh: Could not resolve hostname gpu1: Name or service not known', 'unreachable'],
  ['Connection timed out during banner exchange\r\nConnection to 10.0.0.1 port 22 timed out', 'silent'],
  [
    '@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\r\n',
    'changed-key',
  ],
  [
    'No ED25519 host key is known for gpu1 and you have requested strict checking.\nHost key verification failed.',
    'unknown-key',
  ],
  ['@  WARNING: REVOKED HOST KEY DETECTED!  @\nHost key verification failed.', 'revoked-key'],
  ['ada@gpu1: Permission denied (publickey).', 'refused'],
  [
    'Your account has expired; please contact your system administrator.\nConnection closed',
    'account-closed',
  ],
  ['@ WARNING: UNPROTECTED PRIVATE KEY FILE! @\nada@gpu1: Permission denied (publickey).', 'key-permissions'],
  ['Certificate invalid: expired\nHost key verification failed.', 'needs-certificate'],
  ['kex_exchange_identification: Connection closed by remote host', 'no-handshake'],
])('of what ssh says: %j', (said, condition) => {
  expect(sshConditionCodes).toContain(condition);
  expect(openSshFault('gpu1', said)?.condition).toBe(condition);
});

test('what ssh says that is not known is left to whoever asked', () => {
  expect(openSshFault('gpu1', 'Welcome to gpu1')).toBeNull();
});

test('ssh is never asked to trust at first sight, to ask a person, or to share a connection; the host is no option', () => {
  const words = openSshArguments(
    {
      host: 'gpu1',
      port: 2222,
      user: 'ada',
      keyFile: '/k',
      certificateFile: null,
      knownHostsFile: '/h',
      jumps: ['a@b', 'c:22'],
      configFile: null,
    },
    'x',
  );
  for (const each of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ControlPath=none', 'ProxyJump=a@b,c:22'])
    expect(words[words.indexOf(each) - 1]).toBe('-o');
  expect(words.slice(-3)).toEqual(['--', 'gpu1', 'x']);
});
