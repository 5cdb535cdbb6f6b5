import { expect, it } from 'vitest';
import { readFleetFile } from './fleet-file.ts';

const read = (text: string) => readFleetFile(text, 'fleet.yaml');

it('takes hosts that are read over SSH, and patterns of them', () => {
  const result = read(`ssh:
  GPU[08-10].example: { user: gpufleet, key: main, interval: 10s }
  10.0.0.7:
    user: ada
    key: lab
    port: 2222
    jump: [bastion.example, ada@inner:2200]
    client: openssh
  "fe80::1": { user: ada, key: lab, jump: bastion.example }
`);
  const pattern = {
    pattern: 'GPU[08-10].example',
    port: 22,
    user: 'gpufleet',
    jumps: [],
    keyName: 'main',
    intervalSeconds: 10,
    client: 'ssh2',
  };
  const lab = { user: 'ada', keyName: 'lab', intervalSeconds: null };
  expect(result.ok ? result.content.ssh : result.faults).toEqual([
    { ...pattern, address: 'gpu08.example' },
    { ...pattern, address: 'gpu09.example' },
    { ...pattern, address: 'gpu10.example' },
    {
      ...lab,
      address: '10.0.0.7',
      pattern: '10.0.0.7',
      port: 2222,
      jumps: ['bastion.example', 'ada@inner:2200'],
      client: 'openssh',
    },
    { ...lab, address: 'fe80::1', pattern: 'fe80::1', port: 22, jumps: ['bastion.example'], client: 'ssh2' },
  ]);
});

it('has none unless told', () => {
  const result = read('hosts:\n');
  expect(result.ok && result.content.ssh).toEqual([]);
  expect(read('ssh:\n')).toMatchObject({ ok: true, content: { ssh: [] } });
});

it('says with line and column what it cannot read, all together', () => {
  const result = read(`ssh:
  gpu[9-1]: { user: ada, key: main }
  -oProxyCommand=x: { user: ada, key: main }
  gpu1:2222: { user: ada, key: main }
  gpu2: { user: -l, key: main }
  gpu3: { user: ada }
  gpu4: { user: ada, key: main, port: 70000 }
  gpu5: { user: ada, key: main, jump: "-x" }
  gpu6: { user: ada, key: main, interval: 1d }
  gpu7: { user: ada, key: main, password: secret }
  gpu8: { user: ada, key: main, client: putty }
`);
  expect(result.ok ? [] : result.faults).toEqual([
    'fleet.yaml:2:3: ssh › gpu[9-1]: [9-1] ends before it begins',
    'fleet.yaml:3:3: ssh › -oProxyCommand=x: is no host name or IP address, nor a pattern such as gpu[001-120].example',
    'fleet.yaml:4:3: ssh › gpu1:2222: is no host name; the port is a line of its own',
    'fleet.yaml:5:17: ssh › gpu2 › user: is no user name',
    'fleet.yaml:6:3: ssh › gpu3 › key: must be plain text',
    'fleet.yaml:7:39: ssh › gpu4 › port: is no port, 1 to 65535',
    'fleet.yaml:8:39: ssh › gpu5 › jump › 0: is no jump host, such as ada@bastion.example:22',
    'fleet.yaml:9:43: ssh › gpu6 › interval: is no time from 1s to 1h, such as 5s',
    'fleet.yaml:10:33: ssh › gpu7 › password: is not known here',
    'fleet.yaml:11:41: ssh › gpu8 › client: is none of ssh2, openssh',
  ]);
});

it.each([
  ['gpu[1-3]: { user: a, key: k }\n  gpu2: { user: b, key: k }', 'ssh: names gpu2:22 twice'],
  [
    'a[1-3000]: { user: a, key: k }\n  b[1-3000]: { user: a, key: k }',
    'ssh: stands for more than 5000 hosts in all',
  ],
])('%s', (text, fault) => {
  const result = read(`ssh:\n  ${text}\n`);
  expect(result.ok ? [] : result.faults).toEqual([expect.stringContaining(fault)]);
});
