import { expect, test } from 'vitest';
import { mostHosts, readHostLines } from './host-lines.ts';

const defaults = { user: 'gpufleet', keyId: 'k', jumps: [], intervalSeconds: null, client: 'ssh2' } as const;

test('patterns keep their padding and multiply', () => {
  const names = (text: string) => readHostLines(text, defaults).map(({ settings }) => settings?.address);
  const faults = (text: string) => readHostLines(text, defaults).map(({ fault }) => fault);
  expect(names('gpu[008-011].example')).toEqual(
    ['008', '009', '010', '011'].map((number) => `gpu${number}.example`),
  );
  expect(names('r[1-2]n[1-2]')).toEqual(['r1n1', 'r1n2', 'r2n1', 'r2n2']);
  expect(names('ada@gpu[1-2,07].example:2222')).toEqual(['gpu1.example', 'gpu2.example', 'gpu07.example']);
  expect(names('gpu[1,3]')).toEqual(['gpu1', 'gpu3']);
  expect(faults('gpu[5-1]')).toEqual(['[5-1] ends before it begins']);
  expect(faults(`gpu[1-${mostHosts + 1}]`)).toEqual(['stands for more than 5000 hosts']);
  expect(faults('a[1-999]b[1-999]c[1-999]')).toEqual(['stands for more than 5000 hosts']);
});

test('a host a line, with what is wrong where', () => {
  const read = readHostLines(
    ['# ours', '', 'ada@gpu1.example:2222', 'gpu[1-2]', '[fe80::1%eth0]:2022', '2001:db8::1'].join('\n'),
    defaults,
  );
  expect(read.map(({ line, settings }) => [line, settings?.user, settings?.address, settings?.port])).toEqual(
    [
      [3, 'ada', 'gpu1.example', 2222],
      [4, 'gpufleet', 'gpu1', 22],
      [4, 'gpufleet', 'gpu2', 22],
      [5, 'gpufleet', 'fe80::1%eth0', 2022],
      [6, 'gpufleet', '2001:db8::1', 22],
    ],
  );
  const faults = readHostLines(
    ['two words', '-oProxyCommand=x', 'a:99999', 'a;b', '@b', 'gpu[3-1]', 'gpu1..example', ':22'].join('\n'),
    defaults,
  );
  expect(faults.map(({ line, fault }) => [line, fault !== null])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((line) => [line, true]),
  );
});
