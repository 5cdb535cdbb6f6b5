import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Baseline,
  type BaselineKind,
  type FacetName,
  facetNames,
  type HostFacet,
  type SourceStatus,
  type VersionsHost,
} from '../model/index.ts';
import { readFacets } from './facets.ts';
import { agreeingRatio, inferBaseline, leastTelling } from './infer.ts';
import { judgeHost, strongest } from './judge.ts';
import { matrixOf } from './matrix.ts';
import type { ReportedStack } from './reading.ts';

const source = (name: string, changes: Partial<SourceStatus> = {}): SourceStatus => ({
  source: name,
  state: 'ok',
  command: name,
  durationSeconds: 0.1,
  lastSuccessAt: null,
  failure: null,
  runs: 1,
  failures: 0,
  ...changes,
});

const report = (
  stack: Partial<ReportedStack['stack']> = {},
  sources: readonly SourceStatus[] = [],
): ReportedStack => ({
  condition: 'ok',
  failure: null,
  gpus: [],
  software: null,
  agentVersion: '0.1.0',
  stack: {
    kernelDriverVersion: '580.95.05',
    kernelModuleFlavour: 'open',
    driverVersion: '580.95.05',
    cudaVersion: '13.0',
    containerToolkitVersion: '1.18.0',
    dockerVersion: '28.0.0',
    kernelVersion: '6.1.0',
    osName: null,
    architecture: null,
    bootedAt: null,
    ...stack,
  },
  sources: ['driver-version', 'nvidia-smi-xml', 'container-toolkit', 'docker', 'os'].map(
    (name) => sources.find((each) => each.source === name) ?? source(name),
  ),
});

describe('facets of a report', () => {
  test('are told with where they come from', () => {
    const read = readFacets(report());
    const five = [read.driver, read.cuda, read.toolkit, read.runtime, read.kernel];
    expect(five.map(({ value }) => value)).toEqual(['580.95.05', '13.0', '1.18.0', '28.0.0', '6.1.0']);
    expect(read.driver).toMatchObject({ missing: null, reason: '/proc/driver/nvidia/version', note: null });
  });

  test('the kernel module decides, and a library that says another version is said', () => {
    const { driver } = readFacets(report({ driverVersion: '595.71.05' }));
    expect(driver.value).toBe('580.95.05');
    expect(driver.note).toBe(`the loaded kernel module is 580.95.05, nvidia-smi's library says 595.71.05`);
  });

  test('nvidia-smi stands in where the module cannot be read, but not before it was asked or while it hangs', () => {
    const driverOf = (changes: Partial<SourceStatus>) =>
      readFacets(report({ kernelDriverVersion: null }, [source('driver-version', changes)])).driver;
    expect(driverOf({ state: 'absent' })).toMatchObject({ value: '580.95.05', reason: 'nvidia-smi' });
    expect(driverOf({ state: 'failed' })).toMatchObject({ value: '580.95.05', reason: 'nvidia-smi' });
    expect(driverOf({ state: 'absent', runs: 0 })).toMatchObject({ value: null, missing: 'unknown' });
    expect(driverOf({ state: 'hung' })).toMatchObject({ value: null, missing: 'unknown' });
  });

  test('what nvidia-smi said before it failed is not told as now', () => {
    const failure = { code: 'driver-not-loaded', message: 'NVIDIA-SMI has failed\nmore', gpu: null } as const;
    const { driver, cuda } = readFacets(
      report({ kernelDriverVersion: null, driverVersion: '595.71.05' }, [
        source('driver-version', { state: 'absent' }),
        source('nvidia-smi-xml', { state: 'failed', failure }),
      ]),
    );
    expect(driver).toMatchObject({ value: null, missing: 'absent' });
    expect(cuda).toMatchObject({ value: null, missing: 'unknown', reason: 'NVIDIA-SMI has failed' });
  });

  test('what is not on the host is absent, what was not told is unknown, each with its reason', () => {
    const { toolkit, runtime, kernel } = readFacets(
      report({ containerToolkitVersion: null, dockerVersion: null, kernelVersion: null }, [
        source('container-toolkit', { state: 'absent' }),
        source('docker', {
          state: 'failed',
          failure: { code: 'insufficient-permissions', message: 'no permission to connect\nmore', gpu: null },
        }),
        source('os', { state: 'absent', runs: 0 }),
      ]),
    );
    expect(toolkit).toMatchObject({ value: null, missing: 'absent' });
    expect(runtime).toMatchObject({ missing: 'unknown', reason: 'no permission to connect' });
    expect(kernel).toMatchObject({ missing: 'unknown' });
  });
});

const versions = fc.constantFrom('1', '2', '3');

describe('an inferred baseline', () => {
  test('is a value of more than 60 % of at least three, whatever their order; else there is none', () => {
    fc.assert(
      fc.property(fc.array(versions, { maxLength: 12 }), (values) => {
        const found = inferBaseline(values);
        const isShared = (value: string) =>
          values.filter((each) => each === value).length > values.length * agreeingRatio;
        if (values.length < leastTelling) expect(found).toBeNull();
        else expect(found).toBe(values.find(isShared) ?? null);
        expect(inferBaseline(values.toReversed())).toBe(found);
      }),
    );
  });

  test('exactly 60 % is not enough', () => {
    expect(inferBaseline(['a', 'a', 'a', 'b', 'b'])).toBeNull();
    expect(inferBaseline(['a', 'a', 'b'])).toBe('a');
    expect(inferBaseline(['a', 'a'])).toBeNull();
  });
});

const at = (second: number): string => new Date(second * 1000).toISOString();
const baseline = (changes: Partial<Baseline> = {}): Baseline => ({
  group: 'a',
  facet: 'driver',
  value: '1',
  kind: 'accepted',
  since: at(10),
  by: null,
  ...changes,
});

const facetOf = (changes: Partial<HostFacet> = {}): HostFacet => ({
  value: '1',
  missing: null,
  reason: '',
  note: null,
  toldAt: null,
  since: at(1),
  previous: null,
  ...changes,
});

const hostOf = (driver: HostFacet, changes: Partial<VersionsHost> = {}): VersionsHost => ({
  id: 'h',
  hostname: 'h',
  group: 'a',
  reporting: true,
  facets: Object.fromEntries(
    facetNames.map((facet) => [
      facet,
      facet === 'driver' ? driver : facetOf({ value: null, missing: 'unknown', since: null }),
    ]),
  ) as Record<FacetName, HostFacet>,
  ...changes,
});

const judged = (host: VersionsHost, given: Baseline | null) =>
  judgeHost(host, (group, facet) =>
    given !== null && group === given.group && facet === given.facet ? given : null,
  );

describe('findings', () => {
  test('declared before accepted before inferred', () => {
    const kinds: readonly BaselineKind[] = ['declared', 'accepted', 'inferred'];
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...kinds)), (some) => {
        const found = strongest(some.map((kind) => baseline({ kind })));
        expect(found?.kind ?? null).toBe(kinds.find((kind) => some.includes(kind)) ?? null);
      }),
    );
  });

  test('say who, from what, to what, since when, and by which kind of baseline', () => {
    const host = hostOf(facetOf({ value: '2', previous: '1', since: at(20) }));
    expect(judged(host, baseline())).toEqual([
      {
        hostId: 'h',
        hostname: 'h',
        group: 'a',
        facet: 'driver',
        expected: '1',
        actual: '2',
        previous: '1',
        since: at(20),
        baseline: 'accepted',
      },
    ]);
    expect(judged(host, null)).toEqual([]);
    expect(judged(host, baseline({ value: '2' }))).toEqual([]);
    expect(judged(host, baseline({ group: 'b' }))).toEqual([]);
  });

  test('a host that fell silent keeps its finding and gets no new one', () => {
    const silent = (toldAt: number) =>
      hostOf(facetOf({ value: '2', toldAt: at(toldAt) }), { reporting: false });
    expect(judged(silent(30), baseline())).toHaveLength(1);
    expect(judged(silent(9), baseline())).toEqual([]);
  });

  test('what was taken off a host differs from nothing; what it only does not tell now still does', () => {
    const without = (missing: 'absent' | 'unknown') =>
      judged(hostOf(facetOf({ value: '2', missing, toldAt: at(30) })), baseline());
    expect(without('absent')).toEqual([]);
    expect(without('unknown')).toHaveLength(1);
  });
});

const anyHost = fc
  .record({
    group: fc.constantFrom('a', 'b'),
    value: fc.option(versions),
    missing: fc.option(fc.constantFrom('absent' as const, 'unknown' as const)),
    reporting: fc.boolean(),
  })
  .map(({ group, value, missing, reporting }) => {
    const lacks = value === null && missing === null ? 'unknown' : missing;
    const toldAt = value !== null && (lacks !== null || !reporting) ? at(30) : null;
    return hostOf(facetOf({ value, missing: lacks, toldAt }), { group, reporting });
  });

test('every host is in one place of its cell, every value counted once, and live differences are the findings', () => {
  fc.assert(
    fc.property(fc.array(anyHost, { maxLength: 20 }), fc.option(versions), (hosts, value) => {
      const own = value === null ? null : baseline({ value, since: at(0) });
      const baselineOf = (group: string, facet: FacetName) =>
        own !== null && group === 'a' && facet === 'driver' ? own : null;
      const matrix = matrixOf(hosts, baselineOf, ['empty']);
      expect(matrix.find(({ group }) => group === 'empty')?.hosts).toBe(0);
      for (const group of matrix)
        for (const cell of group.cells) {
          expect(cell.told + cell.absent + cell.unknown + cell.silent).toBe(group.hosts);
          if (cell.baseline !== null) expect(cell.agree + cell.differ).toBe(cell.told);
          expect(cell.values.reduce((sum, each) => sum + each.hosts, 0)).toBe(cell.told);
        }
      const cell = matrix.find(({ group }) => group === 'a')?.cells[0];
      const findings = hosts
        .filter(({ reporting, facets }) => reporting && facets.driver.missing === null)
        .flatMap((host) => judgeHost(host, baselineOf));
      expect(cell?.differ ?? 0).toBe(findings.length);
    }),
  );
});
