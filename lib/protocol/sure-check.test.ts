import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gpuFixture, processFixture, pushFixture, reportFixture } from './push-fixture.ts';
import { pushSchema } from './push-schema.ts';
import { sureCheck } from './sure-check.ts';

const isSure = sureCheck(pushSchema);
const full = pushFixture({
  reports: [
    reportFixture({
      gpus: [{ ...gpuFixture(), processes: [processFixture(1, 'c')] }, gpuFixture(1)],
      doctor: {
        checkedAt: '2026-11-23T12:00:00.000Z',
        durationSeconds: 0.2,
        findings: [
          { code: 'c', check: 'd', severity: 'info', what: 'a', why: 'b', fix: ['$ e'], evidence: ['f'] },
        ],
        passed: ['driver'],
        notApplicable: ['cdi'],
        unknown: [{ check: 'nouveau', why: 'g' }],
      },
    }),
  ],
});

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;
type Path = readonly (string | number)[];

function pathsOf(value: Json, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...at, key]))];
}

function changed(value: Json, [key, ...rest]: Path, to: Json | undefined): Json {
  if (key === undefined) return to ?? null;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Json>;
  if (rest.length === 0 && to === undefined) delete copy[key];
  else copy[key] = changed(copy[key] ?? null, rest, to);
  return copy as Json;
}

describe('sureCheck', () => {
  it('is sure of a usual push', () => {
    expect(isSure(full)).toBe(true);
  });

  it.each([
    ['a key that the schema drops', { ...full, tomorrow: 1 }],
    ['a long text that is cut', { ...full, host: { ...full.host, labels: { a: 'x'.repeat(2000) } } }],
    ['a missing key', { ...full, agent: undefined }],
    ['no report', { ...full, reports: [] }],
  ])('is not sure of %s', (_, value) => {
    expect(isSure(value)).toBe(false);
  });

  it('is never sure of what the schema refuses or changes, whatever is put where', () => {
    const push = JSON.parse(JSON.stringify(full)) as Json;
    const paths = pathsOf(push);
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
      fc.constantFrom<Json | undefined>(
        undefined,
        -1,
        0,
        0.5,
        1.5,
        2 ** 53,
        1e300,
        '',
        'x'.repeat(20_000),
        [],
      ),
      fc.constantFrom<Json>('2026-02-30T00:00:00Z', '2026-02-28T00:00:00+01:00', { ['__proto__']: 1 }),
    );
    let sure = 0;
    fc.assert(
      fc.property(fc.constantFrom(...paths), odd, (path, value) => {
        const mutant = changed(push, path, value);
        if (!isSure(mutant)) return;
        sure += 1;
        expect(pushSchema.safeParse(mutant)).toEqual({ success: true, data: mutant });
      }),
      { numRuns: 1000 },
    );
    expect(sure).toBeGreaterThan(20);
  });

  it('is not sure of what it does not know', () => {
    expect(sureCheck(z.string().trim())('a ')).toBe(false);
    expect(sureCheck(z.number().multipleOf(2))(4)).toBe(false);
    expect(sureCheck(z.looseObject({ a: z.string() }))({ a: '' })).toBe(false);
    expect(sureCheck(z.string().transform(Number))('1')).toBe(false);
  });
});
