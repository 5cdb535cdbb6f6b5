import { expect, test } from 'vitest';
import { type InventoryFormat, readInventory } from './index.ts';

const read = (format: InventoryFormat, text: string) =>
  readInventory(format, text, {
    user: 'gpufleet',
    keyId: 'k',
    jumps: [],
    intervalSeconds: null,
    client: 'ssh2',
  }).map(({ line, settings, fault }) =>
    settings === null
      ? `${line}: ${fault}`
      : `${line} ${settings.user}@${settings.address}:${settings.port}${settings.jumps.map((jump) => ` <${jump}`).join('')}`,
  );

test('ssh_config: names, first values, patterns and jumps', () => {
  const text = `# site
User everyone
Host gpu1 gpu2
  HostName %h.example
  Port=2222
Host bastion
  HostName 10.0.0.1
  User jump
Host "gpu3" !gpu3x *.example
  ProxyJump ada@bastion:2200,inner
  User late
Host gpu4
  ProxyCommand nc %h %p
Match host gpu1 exec "true"
  Port 1
Include other
Host *
  Port 2022
  ProxyJump none
`;
  expect(read('ssh-config', text)).toEqual([
    '3 everyone@gpu1.example:2222',
    '3 everyone@gpu2.example:2222',
    '6 everyone@10.0.0.1:2022',
    '9 everyone@gpu3:2022 <ada@bastion:2200 <inner',
    '12: gpu4: has a ProxyCommand, which is not run; use ProxyJump',
    '16: Include is not followed',
  ]);
});

test('ssh_config: what is no address, user or port is said', () => {
  expect(read('ssh-config', 'Host a\n  HostName -oX\nHost b\n  Port many\nHost c\n  User -l\n')).toEqual([
    expect.stringMatching(/^1: a: "-oX"/),
    expect.stringMatching(/^3: b: /),
    expect.stringMatching(/^5: c: "-l"/),
  ]);
});

test('Ansible INI: ranges, groups of groups, vars from outside to inside, quotes', () => {
  const text = `bare.example   ; a comment
[gpu]
gpu[08:10].example ansible_user=ada
x ansible_host=10.0.0.9 ansible_port=2222 # another
[gpu:vars]
ansible_user = outer
ansible_ssh_common_args='-J ops@bastion.example'
[lab:children]
gpu
[lab:vars]
ansible_port=2200
[all:vars]
ansible_user=everyone
[windows]
w ansible_connection=winrm
`;
  const jump = ' <ops@bastion.example';
  expect(read('ansible-ini', text)).toEqual([
    '1 everyone@bare.example:22',
    `3 ada@gpu08.example:2200${jump}`,
    `3 ada@gpu09.example:2200${jump}`,
    `3 ada@gpu10.example:2200${jump}`,
    `4 outer@10.0.0.9:2222${jump}`,
    '15: w: ansible_connection is winrm, not SSH',
  ]);
});

test('Ansible YAML: the same', () => {
  const text = `all:
  vars: { ansible_user: everyone }
  hosts:
    bare.example:
  children:
    lab:
      vars: { ansible_port: 2200 }
      children:
        gpu:
          hosts:
            gpu[1:2]: { ansible_user: ada }
            t: { ansible_host: "{{ lookup }}" }
            v6: { ansible_host: "fe80::1" }
`;
  expect(read('ansible-yaml', text)).toEqual([
    '4 everyone@bare.example:22',
    '11 ada@gpu1:2200',
    '11 ada@gpu2:2200',
    '12: t: {{ lookup }} is a template, which is not filled in here',
    '13 everyone@fe80::1:2200',
  ]);
});

test.each([
  ['ansible-ini', 'g[1:9999999]', '1: stands for more than 5000 hosts'],
  ['ansible-yaml', 'all:\n  hosts:\n    "g[1:9999999]":\n', '3: stands for more than 5000 hosts'],
  ['ansible-ini', '[a:vars]\nnonsense', '2: is no name=value'],
] as const)('%s %s', (format, text, fault) => {
  expect(read(format, text)).toEqual([fault]);
});

test('a circle of groups ends, and what is no YAML is said with its line', () => {
  expect(read('ansible-ini', '[a:children]\nb\n[b:children]\na\n[c]\nh\n')).toEqual(['6 gpufleet@h:22']);
  expect(read('ansible-yaml', 'all:\n  hosts: [\n')).toEqual([expect.stringMatching(/^[23]: /)]);
});

test('a host a line goes as before', () => {
  expect(read('lines', 'ada@gpu[1-2]:2200\n')).toEqual(['1 ada@gpu1:2200', '1 ada@gpu2:2200']);
});
