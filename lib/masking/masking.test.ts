import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker, type TextSource } from './index.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const word = fc.string({ unit: fc.constantFrom(...'bcdfghjklmnpqrstvwz'), minLength: 7, maxLength: 14 });
const octet = fc.integer({ min: 1, max: 254 });

const secrets = fc.record({
  hostname: word.map((name) => `q${name}-07`),
  domain: word.map((name) => `${name}.corp.example`),
  user: word.map((name) => `u${name}`),
  serial: fc.string({ unit: fc.constantFrom(...'123456789'), minLength: 13, maxLength: 13 }),
  uuid: fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join('-')),
  ipv4: fc.tuple(fc.constant(10), octet, octet, octet).map((parts) => parts.join('.')),
  ipv6: fc.tuple(hex(4), hex(4), hex(4)).map(([a, b, c]) => `fd${a.slice(2)}:1${b.slice(1)}::1${c.slice(1)}`),
  mac: fc.tuple(hex(2), hex(2), hex(2), hex(2), hex(2), hex(2)).map((parts) => parts.join(':')),
  password: word.map((text) => `Pw${text}9`),
  folder: word.map((text) => `dir${text}`),
  container: word.map((text) => `c${text}`),
});
type Secrets = typeof secrets extends fc.Arbitrary<infer T> ? T : never;

/** Every kind of text that a capture holds, with every secret where it could stand. */
function planted(s: Secrets): readonly { readonly source: TextSource; readonly text: string }[] {
  const fqdn = `${s.hostname}.${s.domain}`;
  const smi = (...words: string[]): TextSource => ({
    kind: 'command',
    argv: ['/usr/bin/nvidia-smi', ...words],
  });
  const file = (path: string): TextSource => ({ kind: 'file', path });
  const docker = (path: string): TextSource => ({ kind: 'docker', path });
  return [
    {
      source: smi('-q', '-x'),
      text: `<gpu><serial>${s.serial}</serial><uuid>GPU-${s.uuid}</uuid><process_info><process_name>/home/${s.user}/${s.folder}/my app --token ${s.password}</process_name></process_info></gpu>`,
    },
    {
      source: smi('-q'),
      text: `    Serial Number                         : ${s.serial}\n    GPU UUID : GPU-${s.uuid}\n    Processes\n        Process ID                        : 21180\n            Type                          : C\n            Name                          : python train.py --token ${s.password}\nNext : ${s.folder}\n            Name : ${s.password}\n            Used GPU Memory               : 2296 MiB\n`,
    },
    {
      source: smi('--query-compute-apps=gpu_uuid,pid,process_name,used_memory', '--format=csv'),
      text: `gpu_uuid, pid, process_name, used_gpu_memory [MiB]\nGPU-${s.uuid}, 12, python a, ${s.password}, b=${s.folder}, 512 MiB\nGPU-${s.uuid}, 13, python -c\nimport ${s.password}, 512 MiB\n`,
    },
    {
      source: smi('pmon', '-c', '1'),
      text: `# gpu         pid   type     sm    mem    enc    dec    jpg    ofa    command \n# Idx           #    C/G      %      %      %      %      %      %    name \n    0       1234     C     50     10      -      -      -      -    python --token ${s.password}\n${s.password} goes on\n    0       1235     C     50     10      -      -      -      -    a ${s.folder}\n`,
    },
    {
      source: smi('--query-gpu=serial,uuid'),
      text: `name, serial, uuid\nH100, ${s.serial}, GPU-${s.uuid.toUpperCase()}\n`,
    },
    {
      source: smi('-L'),
      text: `GPU 0: H100 (UUID: GPU-${s.uuid})\n  MIG 1g.10gb Device 0: (UUID: MIG-GPU-${s.uuid}/7/0)\n`,
    },
    {
      source: smi(),
      text: `|    0   N/A  N/A      1234      C   /home/${s.user}/${s.folder}/python      512MiB |`,
    },
    {
      source: smi(),
      text: [
        '| Processes:                                                                  |',
        '|  GPU   GI   CI        PID   Type   Process name                  GPU Memory |',
        '|=============================================================================|',
        `|    0   N/A  N/A      1234      C   python --token ${s.password}      512MiB |`,
        `|    0   N/A  N/A      1235    C+G   ...${s.password}                  512MiB |`,
        `|    0   N/A  N/A      1236      C   python -c`,
        `|   ${s.password}                                                       12MiB |`,
        `|    1      1813  ./burn ${s.password}                              N/A       |`,
        '+-----------------------------------------------------------------------------+',
      ].join('\n'),
    },
    { source: file('/proc/sys/kernel/hostname'), text: `${s.hostname}\n` },
    { source: file('/proc/self/status'), text: `Name:\tnode\nUid:\t0\nSomething:\t${s.password}\n` },
    { source: file('/proc/12/cmdline'), text: `python\0--password=${s.password}\0${s.folder}` },
    { source: file('/proc/12/environ'), text: `X=${s.password}\0HOME=/home/${s.user}` },
    {
      source: file('/proc/12/cgroup'),
      text: `0::/kubepods.slice/kubepods-pod${s.uuid.replaceAll('-', '_')}.slice/cri.scope\n1:name=systemd:/kubepods/pod${s.uuid.replaceAll('-', '')}/x\n2:x:/user.slice/${s.user}.service`,
    },
    {
      source: file('/etc/docker/daemon.json'),
      text: JSON.stringify({
        'http-proxy': `http://${s.user}:${s.password}@${s.ipv4}`,
        labels: [s.password],
        runtimes: { nvidia: { path: 'nvidia-container-runtime', runtimeArgs: [s.password] } },
      }),
    },
    { source: file('/etc/docker/daemon.json'), text: `{ not json ${s.password}` },
    {
      source: file('/etc/nvidia-container-runtime/config.toml'),
      text: `root = "/home/${s.user}/${s.folder}"\nauth_token = "${s.password}"\n`,
    },
    {
      source: { kind: 'command', argv: ['dmesg'] },
      text: `[1] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, name=python, on ${fqdn} GPU-${s.uuid}\n[2] eth0: ${s.mac} ${s.password}\n[3] nvidia: from ${s.ipv4} ${s.ipv6} ${s.mac}\n`,
    },
    {
      source: { kind: 'command', argv: ['scontrol', 'show', 'node', s.hostname] },
      text: `NodeName=${s.hostname} Partitions=a,b Comment=${s.password} Reason=${s.user} said so`,
    },
    {
      source: { kind: 'command', argv: ['nvidia-ctk', '--version'] },
      text: `https://${s.user}:${s.password}@${s.domain}/x?key=${s.password} mail ${s.user}@${s.domain} Authorization: Bearer ${s.password}`,
    },
    {
      source: docker(`/containers/${'a'.repeat(64)}/json`),
      text: JSON.stringify({
        Id: 'a'.repeat(64),
        Name: `/${s.container}`,
        Path: s.password,
        Args: ['--password', s.password],
        State: { Status: 'running', Error: s.password },
        Config: {
          Hostname: s.hostname,
          Image: `${s.domain}:5000/app:1`,
          Cmd: [s.password],
          Entrypoint: [s.password],
          Env: ['CUDA_VERSION=12.4', `DB_PASSWORD=${s.password}`, `HARMLESS=${s.password}`],
          Labels: { any: s.password, 'io.kubernetes.pod.name': s.container, 'io.kubernetes.pod.uid': s.uuid },
          Healthcheck: { Test: [s.password] },
        },
        HostConfig: { Binds: [`/home/${s.user}:/x`], Runtime: 'nvidia' },
        NetworkSettings: { IPAddress: s.ipv4, MacAddress: s.mac, GlobalIPv6Address: s.ipv6 },
        Mounts: [{ Source: `/home/${s.user}/${s.folder}` }],
      }),
    },
    {
      source: docker('/info'),
      text: JSON.stringify({
        Name: fqdn,
        ID: s.uuid,
        HttpProxy: s.password,
        Labels: [s.password],
        Runtimes: { nvidia: { path: 'x', runtimeArgs: [s.password] } },
      }),
    },
    {
      source: docker('/containers/json'),
      text: JSON.stringify([
        {
          Id: 'a'.repeat(64),
          Names: [`/${s.container}`],
          Command: s.password,
          Image: `${s.domain}/x`,
          Labels: { a: s.password },
        },
      ]),
    },
    { source: docker('/version'), text: JSON.stringify({ Version: '28', Platform: { Name: s.password } }) },
    { source: docker('/something/else'), text: JSON.stringify({ a: s.password }) },
  ];
}

function masked(s: Secrets) {
  const masker = createMasker({
    hostname: s.hostname,
    userNames: [],
    hostNames: [`${s.hostname}.${s.domain}`],
  });
  const texts = planted(s);
  for (const { source, text } of texts) masker.learn(source, text);
  return { masker, texts: texts.map(({ source, text }) => ({ source, text: masker.mask(source, text) })) };
}

describe('masking', () => {
  it('lets no secret through, wherever it stands', () => {
    fc.assert(
      fc.property(secrets, (s) => {
        const { texts } = masked(s);
        const forms = {
          ...s,
          bareUuid: s.uuid.replaceAll('-', ''),
          joinedUuid: s.uuid.replaceAll('-', '_'),
        };
        for (const { source, text } of texts)
          for (const [kind, secret] of Object.entries(forms))
            expect(text.toLowerCase(), `${kind} in ${JSON.stringify(source)}`).not.toContain(
              secret.toLowerCase(),
            );
      }),
      { numRuns: 60 },
    );
  });

  it('masks the same uuid alike in every form, so that references still match', () => {
    const [s] = fc.sample(secrets, 1);
    if (s === undefined) throw new Error('no sample');
    const { texts, masker } = masked(s);
    const plain = masker.word(`GPU-${s.uuid}`).slice('GPU-'.length);
    expect(plain).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const cgroup = texts.find(
      ({ source }) => source.kind === 'file' && source.path === '/proc/12/cgroup',
    )?.text;
    expect(cgroup).toContain(`pod${plain.replaceAll('-', '_')}`);
    expect(cgroup).toContain(`pod${plain.replaceAll('-', '')}`);
    expect(masker.word(masker.word(`GPU-${s.uuid}`)).length).toBe(`GPU-${s.uuid}`.length);
  });

  it.each([
    ['<vbios_version>96.00.61.00.01</vbios_version>'],
    ['<driver_version>580.159.03</driver_version>'],
    ['<pci_bus_id>00000000:3B:00.0</pci_bus_id>'],
    ['0::/system.slice/docker-aaaa.scope'],
    ['12:devices:/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'],
    ['NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.'],
    ['Mon Nov 23 12:04:31 2026'],
    ['modprobe: ERROR: could not insert nvidia: Key was rejected by service'],
    ['libcuda.so.580.95.05 std::string 127.0.0.1 ::1'],
    ['/home/kubernetes/bin/nvidia/bin/nvidia-smi'],
    ['https://nvcr.io/nvidia/cuda'],
  ])('leaves %s as it is', (text) => {
    const masker = createMasker({ hostname: 'nvidia', userNames: ['root'], hostNames: [] });
    expect(masker.mask({ kind: 'command', argv: ['x'] }, text)).toBe(text);
  });

  it.each([
    ['a folder of a known name, whole', '/scratch/alice/x/y z.py', '/scratch/masked-1'],
    ['as the process sees it', '/proc/12/root/scratch/alice/x', '/proc/12/root/scratch/masked-1'],
    ['a home wherever it is', 'at /vol/b/lab/x and', 'at /vol/b/masked-1'],
    ['the home itself', '"/vol/b/lab"', '"/vol/b/masked-1"'],
    ['not a folder that begins alike', '/vol/b/lab-2/x', '/vol/b/lab-2/x'],
    ['not what the system keeps', '/usr/lib/alice/x', '/usr/lib/user-1/x'],
    ['what comes after it', '/usr/alice/x:/work/alice/x', '/usr/user-1/x:/work/masked-1'],
    ['an export', 'nas:/alice/x', 'nas:/masked-1'],
    ['not a system folder of an account', '/var/lib/tool/x', '/var/lib/tool/x'],
    ['not the root', '/opt/cuda', '/opt/cuda'],
  ])('masks paths of people: %s', (_, text, expected) => {
    const masker = createMasker({
      hostname: 'abc',
      userNames: ['alice', 'dev'],
      homeFolders: ['/vol/b/lab/', '/', '/opt', '', '/var/lib/tool', '/home/alice'],
      hostNames: [],
    });
    expect(masker.word(text)).toBe(expected);
  });

  it('keeps what nvidia-smi tells of processes apart from their arguments', () => {
    const masker = createMasker({ hostname: 'nvidia', userNames: [], hostNames: [] });
    const mask = (text: string, ...words: string[]) =>
      masker.mask({ kind: 'command', argv: ['nvidia-smi', ...words] }, text);
    const table = [
      '| Processes:                                                    |',
      '|  GPU   GI   CI        PID   Type   Process name    GPU Memory |',
      '|        ID   ID                                     Usage      |',
      '|===============================================================|',
      '|    0    2    0      21180      C   /opt/burn          2296MiB |',
      '|    1   N/A  N/A      2057      C                        12MiB |',
      '|  No running processes found                                   |',
      '+---------------------------------------------------------------+',
      'WARNING: infoROM is corrupted at gpu 0000:43:00.0',
    ].join('\n');
    expect(mask(table)).toBe(table);
    expect(mask(table.replace('/opt/burn    ', '/opt/burn -s x'))).toContain(
      'C   /opt/burn masked      2296MiB |',
    );
    const log =
      '        Process ID : 7\n            Name : ./burn\n            Used GPU Memory : 1 MiB\n    Product Name : X\n';
    expect(mask(log, '-q')).toBe(log);
    expect(mask(log.replace('./burn', './burn 1\n2'), '-q')).toBe(log.replace('./burn', './burn masked'));
    const apps = 'pid, process_name, used_gpu_memory [MiB]\n12, ./burn, 5 MiB\n13, [N/A], [N/A]\n';
    const query = '--query-compute-apps=pid,process_name,used_memory';
    expect(mask(apps, query)).toBe(apps);
    expect(mask(apps.replace('./burn', './burn a, b'), query)).toBe(apps.replace('./burn', './burn masked'));
    expect(mask('No devices were found\n', query)).toBe('No devices were found\n');
    const pmon = [
      '# gpu         pid   type     fb   ccpm    command ',
      '# Idx           #    C/G     MB     MB    name ',
      '    0          -     -      -      -    -              ',
      '    1      20541     C    512      -    ./burn         ',
      '',
    ].join('\n');
    expect(mask(pmon, 'pmon', '-c', '1')).toBe(pmon);
    expect(mask(pmon.replace('./burn ', './burn -s x '), 'pmon')).toContain('./burn masked');
    expect(mask('Option -c is not recognized.\n', 'pmon')).toBe('Option -c is not recognized.\n');
  });

  it('takes any text in bounded time', () => {
    const masker = createMasker({
      hostname: 'abc',
      userNames: ['alice'],
      homeFolders: ['/vol/b/lab'],
      hostNames: [],
    });
    const table = ['| Processes:\n|  0  1234  C  ', '| Processes:\n|  0  1234  C  x', '    Name : '];
    const noise = [
      ...table.map((begin) => `${begin}${' '.repeat(100_000)}`),
      `| Processes:\n| GPU ${'| '.repeat(50_000)}x`,
    ];
    noise.push(
      ...[
        '/home/',
        '/alice/',
        '/usr/alice/',
        '/usr/alice:',
        '/vol/b/lab',
        'a:',
        '1.',
        '<serial>',
        'token=',
        '://',
        '-',
        '@',
        '0123456789abcdef',
      ].map((piece) => piece.repeat(100_000)),
    );
    const before = process.cpuUsage();
    for (const text of noise) {
      masker.learn({ kind: 'command', argv: ['nvidia-smi'] }, text);
      masker.mask({ kind: 'command', argv: ['nvidia-smi'] }, text);
    }
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
  });
});
