import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainXid } from '../faults/index.ts';
import { compareDotted, findErrors, hasError, knownError, knownErrors, type TroubledHost } from './index.ts';

const xidTitle = (xid: number, text: string): string => `Xid ${xid}: ${explainXid(xid, text).meaning}`;
const slugs = (text: string): readonly string[] => findErrors(text).map(({ error }) => error.slug);

const host = (changes: Partial<TroubledHost> = {}): TroubledHost => ({
  id: 'h',
  hostname: 'h',
  state: 'ok',
  stateReason: '',
  current: true,
  condition: 'ok',
  failure: null,
  stack: {
    kernelDriverVersion: '570.86.15',
    kernelModuleFlavour: 'open',
    driverVersion: '570.86.15',
    cudaVersion: '12.8',
    containerToolkitVersion: '1.18.0',
    dockerVersion: '28.0',
    kernelVersion: '6.1',
    osName: null,
    architecture: null,
    bootedAt: null,
  },
  doctor: null,
  faultCounts: null,
  gpus: [],
  ...changes,
});

describe('findErrors', () => {
  it.each([
    ['803', 'cuda-803'],
    [
      'RuntimeError: CUDA error 803: system has unsupported display driver / cuda driver combination',
      'cuda-803',
    ],
    [
      'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update',
      'unsatisfied-condition',
    ],
    ['Failed to initialize NVML: Driver/library version mismatch', 'version-mismatch'],
    [
      'Failed to initialize NVML: Driver/library\n version mismatch\nNVML library version: 570.124',
      'version-mismatch',
    ],
    [
      'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
      'toolkit-missing',
    ],
    ['Unknown runtime specified nvidia.', 'toolkit-not-configured'],
    [
      "[34.1] NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
      'xid-79',
    ],
    ['Xid 48', 'xid-48'],
    ['Failed to initialize NVML: Unknown Error', 'nvml-unknown-error'],
    ["modprobe: ERROR: could not insert 'nvidia': Key was rejected by service", 'secure-boot'],
    ['NVIDIA-SMI has failed because it couldn‘t communicate with the NVIDIA driver.', 'driver-not-loaded'],
    ['stat /usr/lib/x86_64-linux-gnu/libEGL_nvidia.so.580.95.05: no such file or directory', 'cdi-stale'],
    ['\u001b[31mNo devices were found\u001b[0m', 'no-devices'],
  ])('%s', (text, slug) => expect(slugs(text)[0]).toBe(slug));

  it('finds each Xid of several lines, with what its own line says', () => {
    const found = findErrors(
      'NVRM: Xid (PCI:0000:3b:00): 149, NETIR_BER_EVENT Nonfatal XC0\nNVRM: Xid (PCI:0000:5e:00): 145, RLW_REMAP Fatal XC0',
    ).map(({ error }) => [error.slug, error.title]);
    expect(found).toEqual([
      ['xid-149', xidTitle(149, 'NETIR_BER_EVENT Nonfatal XC0')],
      ['xid-145', xidTitle(145, 'RLW_REMAP Fatal XC0')],
    ]);
  });

  it.each([[''], ['gpu-01'], ['port 8030'], ['1803'], ['hello world'], ['driver 580.95.05']])(
    'finds nothing in %j',
    (text) => expect(slugs(text)).toEqual([]),
  );

  it('knows an error of an NVSwitch', () => {
    expect(slugs('nvidia-nvswitch3: SXid (PCI:0000:c1:00.0): 12028, Fatal, Link 46')).toEqual([
      'nvswitch-error',
    ]);
    expect(slugs('SXid 12028')).toEqual(['nvswitch-error']);
  });

  it('knows an Xid of a MIG device', () => {
    expect(slugs('NVRM: Xid (PCI:0000:01:00 GPU-I:05 GPU-CI:02): 13, pid=8, name=python, Graphics')).toEqual([
      'xid-13',
    ]);
  });

  it('finds each known error by each of its own texts', () => {
    for (const { slug, says } of knownErrors)
      for (const text of says) expect(slugs(text), text).toContain(slug);
  });

  it('never throws, and stays quick on any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => void findErrors(text)));
    const startedAt = performance.now();
    for (const piece of ['Xid (PCI:', 'stat ', 'fabric manager ', 'error: ', 'lib', '8'])
      findErrors(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

describe('hasError', () => {
  const having = (text: string, changes: Partial<TroubledHost>): boolean => {
    const [found] = findErrors(text);
    if (found === undefined) throw new Error(`nothing is found in ${text}`);
    return hasError(host(changes), found);
  };

  it('knows it by failure, by finding, by what is asked for, by Xid', () => {
    const mismatch = { code: 'version-mismatch', message: '', gpu: null } as const;
    expect(having('Driver/library version mismatch', {})).toBe(false);
    expect(having('Driver/library version mismatch', { failure: mismatch })).toBe(true);
    expect(having('unsatisfied condition: cuda>=12.8', {})).toBe(false);
    expect(having('unsatisfied condition: cuda>=12.9', {})).toBe(true);
    const finding = {
      code: 'toolkit-not-configured',
      check: 'x',
      severity: 'warning',
      what: '',
      why: '',
      fix: [],
      evidence: [],
    } as const;
    const doctor = {
      checkedAt: '',
      durationSeconds: 0,
      findings: [finding],
      passed: [],
      notApplicable: [],
      unknown: [],
    };
    expect(having('unknown runtime specified nvidia', { doctor })).toBe(true);
    const xid = {
      xid: 79,
      pciBusId: '',
      gpuUuid: null,
      count: 1,
      firstAt: null,
      lastAt: null,
      lastText: '',
      lastPid: null,
      lastProcessName: null,
    };
    const faultCounts = { xids: [xid], troubles: [], throttles: [], starts: [] };
    expect(having('Xid 79', { faultCounts })).toBe(true);
    expect(having('Xid 48', { faultCounts })).toBe(false);
  });
});

it('has one address each, also for every Xid', () => {
  expect(new Set(knownErrors.map(({ slug }) => slug)).size).toBe(knownErrors.length);
  for (const { slug } of knownErrors) expect(knownError(slug)?.slug).toBe(slug);
  expect(knownError('xid-79')?.title).toContain('fallen off the bus');
  expect(knownError('nothing')).toBeNull();
});

it('finds each text that it shows, and names a page for it', () => {
  for (const { slug, says, source } of knownErrors) {
    expect(source).toMatch(/^https:\/\/\S+$/);
    for (const text of says) expect(slugs(text), text).toContain(slug);
  }
});

const corpus = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

it.skipIf(!existsSync(corpus))(
  'calls "printed" what a recording has (skipped where ../shared/corpus is absent)',
  () => {
    const names = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(?:failure|dmesg-xid)\//.test(name),
    );
    const texts = names.map((name) => readFileSync(join(corpus, name), 'latin1'));
    const isRecorded = (patterns: readonly RegExp[]): boolean =>
      patterns.some((pattern) => texts.some((text) => pattern.test(text)));
    for (const { slug, basis, patterns } of knownErrors)
      if (basis === 'printed') expect(isRecorded(patterns), slug).toBe(true);
  },
);

it.each([
  ['12.8', '12.8', 0],
  ['12.8', '12.10', -1],
  ['13.0', '12.9', 1],
  ['12', '12.0', 0],
])('compares %s and %s', (a, b, sign) => expect(Math.sign(compareDotted(a, b))).toBe(sign));
