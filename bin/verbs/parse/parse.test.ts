import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyGpu } from '../../../lib/nvidia-smi/index.ts';
import { run } from '../parse.ts';
import { parseText } from './forms.ts';

const id = 'ab'.repeat(32);
const uuid = 'GPU-11111111-2222-3333-4444-555555555555';

const samples: Readonly<Record<string, string>> = {
  'smi-xml':
    '<?xml version="1.0" ?>\n<nvidia_smi_log><driver_version>1.2</driver_version></nvidia_smi_log>\n',
  'smi-query-gpu': `uuid, utilization.gpu [%]\n${uuid}, 5 %\n`,
  'smi-query-apps': `gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${uuid}, 5, a, 6 MiB\n`,
  'smi-list': `GPU 0: Imaginary (UUID: ${uuid})\n  MIG 1g.5gb Device 0: (UUID: MIG-x)\n`,
  'smi-version': 'NVIDIA-SMI version  : 595.1\nDRIVER version      : 595.1\n',
  'smi-failure': 'No devices were found\n',
  'ctk-version': 'NVIDIA Container Toolkit CLI version 1.17.8\n',
  'driver-version': 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.1.2  Tue\n',
  'smi-text': [
    '==============NVSMI LOG==============',
    '',
    'Driver Version                            : 595.1',
    'Attached GPUs                             : 1',
    'GPU 00000000:01:00.0',
    '    Product Name                          : Imaginary',
    `    GPU UUID                              : ${uuid}`,
    '    Fan Speed                             : 40 %',
    '',
    '',
  ].join('\n'),
  'smi-table': [
    '+-----------------------------------------------------------------------------+',
    '| NVIDIA-SMI 470.1        Driver Version: 470.1        CUDA Version: 11.4     |',
    '|-------------------------------+----------------------+----------------------+',
    '| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |',
    '| Fan  Temp  Perf  Pwr:Usage/Cap|         Memory-Usage | GPU-Util  Compute M. |',
    '|===============================+======================+======================|',
    '|   0  Imaginary           On   | 00000000:01:00.0 Off |                    0 |',
    '| 40%   42C    P0    29W / 250W |      0MiB / 16280MiB |      5%      Default |',
    '+-------------------------------+----------------------+----------------------+',
    '',
  ].join('\n'),
  'smi-pmon': '# gpu  pid  type  sm  command\n# Idx  #  C/G  %  name\n  0  7  C  5  a b\n',
  'smi-dmon': '# gpu  pwr  gtemp\n# Idx  W  C\n  0  97  38\n',
  'smi-topo': '\t\u001b[4mGPU0\tCPU Affinity\tNUMA Affinity\u001b[0m\nGPU0\t X \t0-23\t0\n',
  'smi-nvlink': `GPU 0: Imaginary (UUID: ${uuid})\n\t Link 0: 25 GB/s\n`,
  'smi-mig': '+---+\n| GPU instances: |\n| GPU Name |\n|====|\n|  0  MIG 1g.5gb  19  7  0:1  |\n+---+\n',
  'smi-vgpu': 'GPU 00000000:01:00.0\n    GRID P4-1B\n',
  'smi-help':
    'List of valid properties to query for the switch "--query-gpu":\n\n"uuid" or "gpu_uuid"\nIts uuid.\n',
  tegrastats: 'RAM 10/20MB (lfb 1x1MB) GR3D_FREQ 5% gpu@40C\n',
  cgroup: `0::/system.slice/docker-${id}.scope\n`,
  'docker-inspect': JSON.stringify([{ Id: id, Name: '/a', Config: { Image: 'i' } }]),
  'docker-version': JSON.stringify({ Version: '27.0.1', ApiVersion: '1.47' }),
  'container-cli': 'NVRM version:   580.10\nCUDA version:   13.0\n\nDevice Index:   0\nModel:  Imaginary\n',
  'cdi-spec': 'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: "0"\n',
  mountinfo: '10112 5519 0:864 / / ro,relatime - overlay overlay rw\n',
  ps: 'PID STAT CMD\n1 S /sbin/init\n',
  'xid-log': '[    1.500000] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, name=x, GPU has fallen off the bus.\n',
  'docker-info': ' Runtimes: nvidia runc\n Default Runtime: runc\n',
  'docker-daemon-config': JSON.stringify({ runtimes: { nvidia: { path: 'nvidia-container-runtime' } } }),
  unknown: 'hello, world\n',
};

describe('parseText', () => {
  it.each(Object.entries(samples))('finds %s by its content', (kind, text) => {
    const parsed = parseText(text);
    expect(parsed.kind).toBe(kind);
    for (const key of ['driverVersion', 'cudaVersion', 'gpus', 'processes', 'problems', 'failure']) {
      expect(parsed[key], key).not.toBeUndefined();
    }
    for (const gpu of parsed.gpus) expect(Object.keys(gpu)).toEqual(Object.keys(emptyGpu()));
  });

  it.each([
    ['docker --version', 'Docker version 27.4.1, build 0000000\n', 'docker-version'],
    ['links from a list', `GPU 0: Imaginary (UUID: ${uuid})\n\t Link 0: <inactive>\n`, 'smi-nvlink'],
    ['a list of field names', 'uuid\nindex\ntimestamp\n', 'smi-help'],
    ['processes without a head', `${uuid}, 5, /bin/a, 6\n`, 'smi-query-apps'],
    [
      'a refusal',
      "ERROR: Option -m is missing its value. Please run 'nvidia-smi -h' for help.\n",
      'smi-failure',
    ],
    ['the help', 'NVIDIA System Management Interface -- v595.1\n', 'smi-help'],
    ['a query without a head', `0, ${uuid}, 30\n`, 'smi-query-gpu'],
    ['nothing', '', 'unknown'],
    ['a head that is cut, at once', `${'memory.used [MiB], '.repeat(200)}memory.us [Mi`, 'unknown'],
    ['JSON of another kind', '{"a": 1}', 'unknown'],
  ])('tells %s apart', (_, text, kind) => expect(parseText(text).kind).toBe(kind));

  it('gives the keys of a cgroup', () => {
    expect(parseText(samples['cgroup']!)).toMatchObject({
      runtime: 'docker',
      containerId: id,
      podUid: null,
      slurmJobId: null,
      unit: null,
    });
  });

  it('says that a JSON document is cut', () => {
    expect(parseText(`[{"Id": "${id}", "Config": {"Ima`)).toMatchObject({ failure: { code: 'truncated' } });
  });
});

describe('gpufleet parse', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpufleet-parse-'));
  let out = '';
  let errors = '';
  beforeEach(() => {
    out = '';
    errors = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      errors += String(text);
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, content: string | Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  it('gives an object for one file and an array for several', async () => {
    const list = file('list', samples['smi-list']!);
    expect(await run([list, '--json'])).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: 'smi-list', file: list });
    out = '';
    expect(await run(['--json', list, file('version', samples['smi-version']!)])).toBe(0);
    expect(JSON.parse(out).map(({ kind }: { kind: string }) => kind)).toEqual(['smi-list', 'smi-version']);
    expect(errors).toBe('');
  });

  it('tells no state of a GPU of which the output tells none', async () => {
    for (const kind of [
      'smi-list',
      'smi-pmon',
      'smi-topo',
      'smi-nvlink',
      'smi-mig',
      'smi-vgpu',
      'container-cli',
    ])
      expect(parseText(samples[kind]!).gpuStates, kind).toEqual([{ state: null, failure: null }]);
    for (const kind of ['smi-text', 'smi-table', 'smi-query-gpu', 'smi-dmon', 'tegrastats'])
      expect(parseText(samples[kind]!).gpuStates, kind).toEqual([{ state: 'ok', failure: null }]);
    expect(await run([file('pmon', samples['smi-pmon']!)])).toBe(0);
    expect(out).toMatch(/GPU +name +state .*\n +0 +– +– /);
  });

  it('reads UTF-16, as PowerShell redirects', async () => {
    const text = Buffer.from(`\ufeff${samples['smi-query-gpu']}`, 'utf16le');
    expect(await run([file('utf16', text), '--json'])).toBe(0);
    expect(JSON.parse(out).gpus[0].utilization.gpuRatio).toBe(0.05);
  });

  it.each([
    ['UTF-8 with its mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16, big end first', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['UTF-16 that lost its mark', (text: string) => Buffer.from(text, 'utf16le')],
    ['UTF-16, big end first, that lost its mark', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    ['CRLF', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['colours', (text: string) => Buffer.from(text.replaceAll(/^/gm, '\u001b[1;32m\u001b[K'))],
  ])('reads %s in every form as the plain text', async (_, encode) => {
    for (const [kind, text] of Object.entries(samples)) {
      if (kind === 'unknown') continue;
      out = '';
      expect(await run([file('encoded', encode(text)), '--json'])).toBe(0);
      const { file: __, ...parsed } = JSON.parse(out);
      expect(parsed).toEqual(JSON.parse(JSON.stringify(parseText(text))));
    }
  });

  it('reads the beginning of what is too large, and says so', async () => {
    const rows = ` 0 97 38${' '.repeat(92)}\n`.repeat(90_000);
    expect(await run([file('large', `# gpu pwr gtemp\n# Idx W C\n${rows}`), '--json'])).toBe(0);
    const parsed = JSON.parse(out);
    expect(parsed.failure).toMatchObject({ code: 'truncated' });
    expect(parsed.samples.length).toBe(10_000);
    expect(out.length).toBeLessThan(8 * 1024 * 1024);
  });

  it('prints a table without --json, without control characters of the input', async () => {
    const text = `gpu_uuid, pid, process_name\n${uuid}, 5, evil\u001b[31m\n`;
    expect(await run([file('apps', text)])).toBe(0);
    expect(out).toContain('smi-query-apps');
    expect(out).not.toContain('\u001b');
  });

  it('says what and where on one line, and exits with 2', async () => {
    const missing = join(folder, 'missing');
    expect(await run([missing, '--json'])).toBe(2);
    expect(errors).toBe(`gpufleet parse: ${missing}: there is no such file or folder\n`);
    expect(out).toBe('');
    errors = '';
    expect(await run([folder])).toBe(2);
    expect(errors).toBe(`gpufleet parse: ${folder}: is a directory\n`);
  });

  it('reads the other files when one cannot be read', async () => {
    expect(await run([join(folder, 'missing'), file('list', samples['smi-list']!), '--json'])).toBe(2);
    expect(JSON.parse(out)).toHaveLength(1);
  });

  it('prints an unknown text as unknown, and exits with 2', async () => {
    const path = file('unknown', samples['unknown']!);
    expect(await run([path, '--json'])).toBe(2);
    expect(JSON.parse(out).kind).toBe('unknown');
    expect(errors).toBe(`gpufleet parse: ${path}: is no output that gpufleet knows\n`);
  });

  it.each([[[]], [['--nonsense']], [['--json']]])('refuses %j', async (argv) => {
    expect(await run(argv)).toBe(2);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('tells of itself', async () => {
    expect(await run(['--help'])).toBe(0);
    expect(out).toContain('Usage: gpufleet parse');
  });
});
