import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompatContainer, CompatFact, CompatGpu, CompatHost, Verdict } from '../model/index.ts';
import { compatData } from './data/index.ts';
import { applyFix } from './fixes.ts';
import { judge } from './judge.ts';
import { compareVersions, majorOf } from './versions.ts';

const nullOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const drivers = [
  ...new Set([
    ...compatData.toolkits.map(({ linuxDriver }) => linuxDriver),
    ...compatData.branches.flatMap(({ newestKnown }) => newestKnown ?? []),
    ...['525.60.11', '545.23.06', '560.35.03', '640.10', '700.1.2'],
  ]),
].sort(compareVersions);
const cudas = [...new Set(compatData.toolkits.map(({ toolkit }) => toolkit)), '12.7', '13.9', '14.0'];
const names = [
  'H100',
  'A100',
  'V100',
  'T4',
  'RTX 4090',
  'RTX A6000',
  'B200',
  'K80',
  'Orin',
  'GH200',
  'nothing',
];

const driver = fc.constantFrom(...drivers);
const cuda = fc.constantFrom(...cudas);

const gpu: fc.Arbitrary<CompatGpu> = fc.record({
  name: nullOr(fc.constantFrom(...names)),
  computeCapability: nullOr(
    fc.constantFrom('3.5', '7.0', '7.5', '8.0', '8.6', '9.0', '10.0', '12.0', '10.7'),
  ),
  brand: nullOr(fc.constantFrom('Tesla', 'GeForce', 'NVIDIA', 'Quadro RTX')),
  productClass: nullOr(fc.constantFrom('data-center', 'workstation', 'geforce', 'jetson')),
  migEnabled: nullOr(fc.boolean()),
});

const host: fc.Arbitrary<CompatHost> = fc.record({
  kernelDriverVersion: nullOr(driver),
  moduleFlavour: nullOr(fc.constantFrom('open', 'proprietary')),
  gpus: fc.array(gpu, { maxLength: 3 }),
  toolkitVersion: nullOr(fc.constantFrom('1.16.2', '1.17.4', '1.17.6', '1.17.8', '1.18.0', '1.20.0')),
  disablesRequire: nullOr(fc.boolean()),
  isJetson: fc.constantFrom(false, false, false, true),
  isWsl: fc.constantFrom(false, false, false, true),
});

const require = fc.constantFrom(
  'cuda>=11.0',
  'cuda>=12.8',
  'cuda>=13.0 brand=tesla,driver>=535,driver<536',
  'arch>=8.0',
  'driver<570',
  'nonsense',
  '',
);

const container: fc.Arbitrary<CompatContainer> = fc.record({
  cuda: nullOr(cuda.map((version) => ({ version, from: 'given' as const }))),
  cudaVersionVariable: nullOr(cuda),
  requirements: fc.array(
    fc.record({
      name: fc.constantFrom('NVIDIA_REQUIRE_CUDA', 'NVIDIA_REQUIRE_ARCH', 'NVIDIA_REQUIRE_JETPACK'),
      value: require,
    }),
    { maxLength: 2 },
  ),
  disableRequire: nullOr(fc.constantFrom('true', '0', 'yes')),
  compatPackage: fc.oneof(
    fc.constant('none' as const),
    fc.constant(null),
    fc.record({
      cudaVersion: nullOr(fc.constantFrom('12.4', '12.8', '12.9', '13.0', '13.4')),
      driverVersion: nullOr(fc.constantFrom('570.86.10', '580.65.06')),
      driverBranches: nullOr(fc.constant([535, 550, 570])),
      isUsed: nullOr(fc.boolean()),
    }),
  ),
  driverCapabilities: nullOr(fc.constantFrom('all', 'utility', 'compute,utility', '')),
  injection: nullOr(fc.constantFrom('hook', 'runtime-legacy', 'runtime-cdi', 'cdi-device')),
  hasPtx: nullOr(fc.boolean()),
});

const told = ({ verdict, way, errorText, limits, missing }: Verdict) => ({
  verdict,
  way,
  errorText,
  limits,
  missing: missing.map(({ fact }) => fact),
});

type Case = { readonly host: CompatHost; readonly container: CompatContainer };

/** The case with everything else in place of what the reasons do not name. */
function withOthers(known: Case, other: Case, named: ReadonlySet<CompatFact>): Case {
  const keep = <T extends object>(from: T, instead: T): T =>
    Object.fromEntries(
      (Object.keys(from) as (keyof T & CompatFact)[]).map((key) => [
        key,
        named.has(key) ? from[key] : instead[key],
      ]),
    ) as T;
  const gpus = named.has('gpus')
    ? known.host.gpus.map((each, at) => {
        const instead = other.host.gpus[at] ?? each;
        return Object.fromEntries(
          (Object.keys(each) as (keyof CompatGpu)[]).map((key) => [
            key,
            named.has(`gpu.${key}`) ? each[key] : instead[key],
          ]),
        ) as unknown as CompatGpu;
      })
    : other.host.gpus;
  return {
    host: { ...keep(known.host, other.host), gpus },
    container: keep(known.container, other.container),
  };
}

describe('a verdict', () => {
  it('does not depend on what its reasons do not name', () => {
    fc.assert(
      fc.property(host, container, host, container, (aHost, aContainer, otherHost, otherContainer) => {
        const verdict = judge(aHost, aContainer);
        const named = new Set(verdict.reasons.flatMap(({ facts }) => facts));
        const changed = withOthers(
          { host: aHost, container: aContainer },
          { host: otherHost, container: otherContainer },
          named,
        );
        expect(told(judge(changed.host, changed.container))).toEqual(told(verdict));
      }),
      { numRuns: 400 },
    );
  });

  it('has fixes after each of which the container runs', () => {
    fc.assert(
      fc.property(host, container, (aHost, aContainer) => {
        for (const fix of judge(aHost, aContainer).fixes) {
          const after = applyFix({ host: aHost, container: aContainer }, fix);
          expect(['runs', 'runs-with-limits']).toContain(judge(after.host, after.container).verdict);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('names what is missing when it is unknown, and only then', () => {
    fc.assert(
      fc.property(host, container, (aHost, aContainer) => {
        const verdict = judge(aHost, aContainer);
        expect(verdict.missing.length > 0).toBe(verdict.verdict === 'unknown');
        expect(verdict.way === null).toBe(!['runs', 'runs-with-limits'].includes(verdict.verdict));
        expect(verdict.limits.length > 0).toBe(verdict.verdict === 'runs-with-limits');
        expect(verdict.reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });

  const supported = fc.constantFrom(
    ...compatData.architectures
      .filter(({ lastBranch }) => lastBranch === null)
      .flatMap(({ computeCapabilities }) => computeCapabilities),
  );
  const unbound = fc.constantFrom('', 'cuda>=11.0', 'cuda>=12.8', 'driver>=535', 'arch>=7.5 cuda>=12.0');

  it('stays "runs" on a newer driver, for a GPU that is supported and a container without an upper bound', () => {
    fc.assert(
      fc.property(
        fc.record({ capability: supported, one: driver, other: driver, version: cuda }),
        fc.record({ value: unbound, injection: container.map((each) => each.injection), host }),
        ({ capability, one, other, version }, more) => {
          const [before, after] = [one, other].sort(compareVersions);
          const on = (kernelDriverVersion: string): CompatHost => ({
            ...more.host,
            kernelDriverVersion,
            isJetson: false,
            isWsl: false,
            gpus: [
              {
                name: null,
                computeCapability: capability,
                brand: null,
                productClass: null,
                migEnabled: null,
              },
            ],
          });
          const asked: CompatContainer = {
            cuda: { version, from: 'given' },
            cudaVersionVariable: null,
            requirements: [{ name: 'NVIDIA_REQUIRE_CUDA', value: more.value }],
            disableRequire: null,
            compatPackage: 'none',
            driverCapabilities: null,
            injection: more.injection,
            hasPtx: null,
          };
          if (judge(on(before ?? ''), asked).verdict !== 'runs') return;
          expect(judge(on(after ?? ''), asked).verdict).toBe('runs');
        },
      ),
      { numRuns: 700 },
    );
  });

  it('is about drivers on both sides of each floor', () => {
    expect(new Set(drivers.map(majorOf)).size).toBeGreaterThan(20);
  });
});
