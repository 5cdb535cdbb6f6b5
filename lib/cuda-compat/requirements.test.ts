import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EvaluateOptions,
  evaluateRequirement,
  type Factor,
  faultsOf,
  faultText,
  parseRequirement,
  printRequirement,
  type RequirementSubject,
  requirementOperators,
} from './requirements.ts';

const byCli: EvaluateOptions = { unknownProperty: 'invalid', doubleEquals: 'invalid' };
const byToolkit: EvaluateOptions = { unknownProperty: 'skipped', doubleEquals: 'read' };

const host: RequirementSubject = {
  cuda: { version: '12.4', orNewer: false },
  driver: '550.54.15',
  arch: '8.6',
  brands: ['geforce'],
};

const holds = (text: string, subject: RequirementSubject = host, options = byCli) =>
  evaluateRequirement(parseRequirement(text), subject, options).holds;

describe('the grammar of NVIDIA_REQUIRE_*', () => {
  it.each([
    ['cuda=12.4', true],
    ['cuda=12.4.0', true],
    ['cuda=12.5', false],
    ['cuda!=12.4', false],
    ['cuda!=12.5', true],
    ['cuda<12.4', false],
    ['cuda<12.5', true],
    ['cuda<=12.4', true],
    ['cuda<=12.3', false],
    ['cuda>12.3', true],
    ['cuda>12.4', false],
    ['cuda>=12.4', true],
    ['cuda>=12.10', false],
    ['driver>=550.54.15', true],
    ['driver>=550.54.16', false],
    ['driver<551', true],
    ['arch>=7.5', true],
    ['arch>=8.9', false],
    ['arch=8.6', true],
    ['brand=geforce', true],
    ['brand=GeForce', true],
    ['brand!=tesla', true],
    ['brand=tesla', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it('takes space for OR and comma for AND', () => {
    expect(holds('cuda>=12.8 brand=geforce,driver>=550,driver<551')).toBe(true);
    expect(holds('cuda>=12.8 brand=tesla,driver>=550,driver<551')).toBe(false);
    expect(holds('cuda>=12.8,brand=geforce')).toBe(false);
    expect(holds('')).toBe(true);
    expect(holds(' , ')).toBe(true);
  });

  it('names the first factor that fails, as the check does', () => {
    const result = evaluateRequirement(parseRequirement('cuda>=12.8 brand=tesla,driver>=535'), host, byCli);
    expect(result).toEqual({
      holds: false,
      failing: { property: 'cuda', operator: '>=', value: '12.8' },
    });
  });

  it('says what is malformed, and where', () => {
    const texts = faultsOf(parseRequirement('cuda>=12.8 cuda12,=5,cuda=>1,driver>=,gpu>3,arch>=8.x')).map(
      faultText,
    );
    expect(texts).toEqual([
      'position 12: "cuda12" has no operator (= != < <= > >=, without spaces around it)',
      'position 19: "=5" has nothing before its operator',
      'position 22: "cuda=>1" has "=>" where one of = != < <= > >= belongs',
      'position 30: "driver>=" has nothing after its operator',
      'position 39: "gpu>3" asks for "gpu", which is none of cuda, driver, arch, brand',
      'position 45: "arch>=8.x" has "8.x" where a version such as 12.8 belongs',
    ]);
  });

  it('is not read behind what holds, and is invalid before', () => {
    expect(holds('cuda>=12.0 nonsense')).toBe(true);
    expect(holds('cuda>=12.8 nonsense')).toBe('invalid');
    expect(holds('nonsense cuda>=12.0')).toBe('invalid');
  });

  it('leaves unknown properties out where the toolkit checks', () => {
    expect(holds('gpu>3,cuda>=12.0', host, byToolkit)).toBe(true);
    expect(holds('gpu>3', host, byToolkit)).toBe(true);
    expect(holds('gpu>3,cuda>=12.8', host, byToolkit)).toBe(false);
    expect(holds('gpu>3', host, byCli)).toBe('invalid');
  });

  it('reads == as =, which the check of libnvidia-container does not know', () => {
    expect(holds('cuda==12.4', host, byToolkit)).toBe(true);
    expect(holds('cuda==12.4', host, byCli)).toBe('invalid');
  });

  it('keeps unknown what depends on what is not known', () => {
    const unknown: RequirementSubject = { cuda: null, driver: '550.54.15', arch: null, brands: null };
    expect(holds('cuda>=12.0', unknown)).toBe('unknown');
    expect(holds('driver>=551,cuda>=12.0', unknown)).toBe(false);
    expect(holds('cuda>=12.0,driver>=551', unknown)).toBe(false);
    expect(holds('cuda>=12.0 driver>=550', unknown)).toBe(true);
    expect(holds('brand=tesla', { ...unknown, brands: ['tesla', 'nvidia'] })).toBe('unknown');
    expect(holds('brand=geforce', { ...unknown, brands: ['tesla', 'nvidia'] })).toBe(false);
  });

  it('knows what a driver newer than the tables has at least', () => {
    const newer: RequirementSubject = { ...host, cuda: { version: '13.5', orNewer: true } };
    expect(holds('cuda>=13.0', newer)).toBe(true);
    expect(holds('cuda<13.0', newer)).toBe(false);
    expect(holds('cuda>=13.6', newer)).toBe('unknown');
    expect(holds('cuda=13.0', newer)).toBe(false);
  });

  const version = fc
    .array(fc.nat({ max: 999 }), { minLength: 1, maxLength: 4 })
    .map((numbers) => numbers.join('.'));
  const operator = fc.constantFrom(...requirementOperators);
  const factor: fc.Arbitrary<Factor> = fc.oneof(
    fc.record({ property: fc.constantFrom('cuda', 'driver', 'arch'), operator, value: version }),
    fc.record({
      property: fc.constant('brand' as const),
      operator,
      value: fc.constantFrom('tesla', 'geforce', 'nvidiartx', 'unknown'),
    }),
  );
  const requirement = fc.record({
    terms: fc.array(fc.array(factor, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
  });

  it('accepts what it prints', () => {
    fc.assert(
      fc.property(requirement, (made) => {
        const read = parseRequirement(printRequirement(made));
        expect(faultsOf(read)).toEqual([]);
        expect(read).toEqual(made);
      }),
    );
  });

  it('prints what it read of any text, so that it reads the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'cudabrn><=!,. 19') }), (text) => {
        const read = parseRequirement(text);
        const again = parseRequirement(printRequirement(read));
        expect(printRequirement(again)).toBe(printRequirement(read));
        expect(faultsOf(again).length).toBe(faultsOf(read).length);
      }),
    );
  });
});
