import { afterEach, describe, expect, test } from 'vitest';
import { parseContainerStack } from '../../../lib/host-facts/index.ts';
import type { FileResult, FolderResult, HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { type CudaTarget, createCudaFacts, notPermitted } from './index.ts';
import { createToolkitMode } from './toolkit-mode.ts';

/** A host of files alone; null is one that may not be read. Counts what is asked. */
function fileHost(files: Readonly<Record<string, string | null>>) {
  const asked: string[] = [];
  const absent = { outcome: 'absent', message: '' } as const;
  const refused = { outcome: 'not-permitted', message: '' } as const;
  const access = {
    async readFile(path: string): Promise<FileResult> {
      asked.push(path);
      const text = files[path];
      if (text === undefined) return absent;
      return text === null ? refused : { outcome: 'read', text, truncated: false };
    },
    async listFolder(path: string): Promise<FolderResult> {
      asked.push(path);
      if (files[path] === null) return refused;
      const below = Object.keys(files).filter((each) => each.startsWith(`${path}/`));
      if (below.length === 0) return absent;
      const names = new Set(below.map((each) => each.slice(path.length + 1).split('/')[0] ?? ''));
      return { outcome: 'listed', names: [...names], truncated: false };
    },
  } as Partial<HostAccess> as HostAccess;
  return { access, asked };
}

const maps = (...paths: string[]) => paths.map((path) => `7f00-7f01 r-xp 0 08:01 1 ${path}`).join('\n');
const stackOf = (...Env: string[]) =>
  parseContainerStack({ Config: { Env }, State: { Status: 'running', Pid: 1 } });
const target = (changes: Partial<CudaTarget> = {}): CudaTarget => ({
  id: 'a',
  startedAt: 't',
  stack: stackOf('CUDA_VERSION=12.8.1', 'NVIDIA_REQUIRE_CUDA=cuda>=12.8'),
  processes: [{ pid: 7, identity: '7:100' }],
  ...changes,
});

describe('the CUDA in a container', () => {
  const running: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  });
  const look = async (files: Record<string, string | null>, wanted: CudaTarget) => {
    const { access, asked } = fileHost(files);
    const facts = createCudaFacts(access, () => [wanted]);
    running.push(facts);
    await facts.start();
    return { cuda: facts.of('a'), asked };
  };

  test('is what its process has mapped before what its image says', async () => {
    const { cuda } = await look(
      {
        '/proc/7/maps': maps('/usr/local/cuda/lib64/libcudart.so.12.4.127', '/usr/lib/libcuda.so.550.54.15'),
      },
      target(),
    );
    expect(cuda?.evidence.map(({ kind, version }) => [kind, version])).toEqual([
      ['mapped-library', '12.4'],
      ['environment', '12.8'],
      ['requirement', '12.8'],
    ]);
    expect(cuda).toMatchObject({ compat: null, problem: null });
  });

  test('of a wheel whose library names the major version only is in the name beside it', async () => {
    const packages = '/venv/lib/python3.12/site-packages';
    const { cuda } = await look(
      {
        '/proc/7/maps': maps(`${packages}/nvidia/cuda_runtime/lib/libcudart.so.12`),
        [`/proc/7/root${packages}/nvidia_cuda_runtime_cu12-12.6.77.dist-info/METADATA`]: '',
      },
      target({ stack: null }),
    );
    expect(cuda?.evidence.map(({ version }) => version)).toEqual(['12.6', '12']);
  });

  test('of an image that says nothing is in its version file, and its compat package beside it', async () => {
    const { cuda } = await look(
      {
        '/proc/1/root/usr/local/cuda-12.8/version.json': '{"cuda":{"version":"12.8.1"}}',
        '/proc/1/root/usr/local/cuda-12.8/compat/libcuda.so.570.86.10': '',
        '/proc/1/root/usr/local/cuda/compat/libcuda.so.999.1': '',
      },
      target({ stack: stackOf(), processes: [] }),
    );
    expect(cuda).toMatchObject({
      evidence: [{ kind: 'version-file', version: '12.8' }],
      compat: { driverVersion: '570.86.10', from: '/usr/local/cuda-12.8/compat', isMapped: null },
    });
  });

  test.each([
    ['/usr/local/cuda-12.8/compat/libcuda.so.570.86.10', true],
    ['/usr/lib/libcuda.so.550.54.15', false],
  ])('with the driver library %s its compat package is in use: %s', async (library, isMapped) => {
    const { cuda } = await look(
      {
        '/proc/7/maps': maps(library),
        '/proc/7/root/usr/local/cuda-12.8/compat/libcuda.so.570.86.10': '',
      },
      target(),
    );
    expect(cuda?.compat).toMatchObject({ driverVersion: '570.86.10', isMapped });
  });

  test('without the right to look, it is what the image says, and that is said', async () => {
    const { cuda } = await look({ '/proc/7/maps': null, '/proc/7/root/usr/local': null }, target());
    expect(cuda).toMatchObject({ evidence: [{ kind: 'environment' }, {}], problem: notPermitted });
  });
});

test('a process is looked into once, and a new one beside it anew', async () => {
  const { access, asked } = fileHost({ '/proc/7/maps': '', '/proc/8/maps': '' });
  let wanted = [target()];
  const looks = () => asked.filter((path) => path.endsWith('/maps'));
  const facts = createCudaFacts(access, () => wanted);
  await facts.start();
  await facts.start();
  expect(looks()).toEqual(['/proc/7/maps']);
  wanted = [target({ processes: [...target().processes, { pid: 8, identity: '8:200' }] })];
  await facts.start();
  expect(looks()).toEqual(['/proc/7/maps', '/proc/7/maps', '/proc/8/maps']);
  wanted = [];
  await facts.start();
  expect(facts.of('a')).toBeNull();
  await facts.stop();
});

test.each<[string | null | undefined, object]>([
  ['[nvidia-container-runtime]\nmode = "cdi"\n', { toolkitMode: 'cdi', isModeKnown: true }],
  ['disable-require = false\n', { toolkitMode: null, isModeKnown: true }],
  [undefined, { toolkitMode: null, isModeKnown: true }],
  [null, { toolkitMode: null, isModeKnown: false }],
])('the toolkit settings %j', async (text, expected) => {
  let seconds = 0;
  const clock: Clock = { nowMilliseconds: () => 0, monotonicSeconds: () => seconds };
  const path = '/etc/nvidia-container-runtime/config.toml';
  const { access, asked } = fileHost(text === undefined ? {} : { [path]: text });
  const mode = createToolkitMode(access, clock);
  expect(await mode()).toEqual(expected);
  await mode();
  expect(asked).toHaveLength(1);
  seconds = 61;
  await mode();
  expect(asked).toHaveLength(2);
});
