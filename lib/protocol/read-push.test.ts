import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonExcess } from './nesting.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from './push-fixture.ts';
import { readEnroll, readPush } from './read-push.ts';

const encode = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown) => readPush(encode(value));
const withGpu = (changes: object) =>
  pushFixture({ reports: [reportFixture({ gpus: [{ ...gpuFixture(), ...changes }] })] });

describe('readPush', () => {
  it('gives back what was sent, without keys that it does not know', () => {
    const push = pushFixture();
    const outcome = read({ ...push, tomorrow: [[1]], host: { ...push.host, colour: 'red' } });
    expect(outcome).toEqual({ outcome: 'read', value: push });
  });

  it('takes faults, and a report of an older agent that tells none', () => {
    const faults = {
      xids: [
        {
          xid: 79,
          pciBusId: '00000000:3B:00.0',
          gpuUuid: null,
          count: 2,
          firstAt: null,
          lastAt: '2026-11-23T12:00:00.000Z',
          lastText: 'GPU has fallen off the bus.',
          lastPid: null,
          lastProcessName: null,
        },
      ],
      troubles: [],
      throttles: [{ gpuUuid: 'GPU-1', reason: 'sw_power_cap', seconds: 12.5 }],
      starts: [{ gpuUuid: 'GPU-1', key: 'pcie-width', at: '2026-11-23T12:00:00.000Z' }],
    };
    const push = pushFixture({ reports: [reportFixture({ faults })] });
    expect(read(push)).toEqual({ outcome: 'read', value: push });
    expect('faults' in reportFixture()).toBe(false);
    expect(read(pushFixture()).outcome).toBe('read');
    const bad = { ...faults, xids: [{ ...faults.xids[0], count: -1 }] };
    expect(read(pushFixture({ reports: [reportFixture({ faults: bad as never })] }))).toMatchObject({
      errors: [{ pointer: '/reports/0/faults/xids/0/count' }],
    });
  });

  it.each([
    ['text', 'hello'],
    ['half a document', JSON.stringify(pushFixture()).slice(0, 400)],
    ['NaN', JSON.stringify(pushFixture()).replace('"drawWatts":300', '"drawWatts":NaN')],
    ['nothing', ''],
    ['a hundred thousand brackets', '['.repeat(100_000)],
    ['deep nesting under an unknown key', `{"x":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['a million empty lists', `{"x":[${'[],'.repeat(1_000_000)}0]}`],
    ['a million keys', `{${'"a":0,'.repeat(1_000_000)}"b":0}`],
  ])('calls %s unreadable', (_, body) => {
    expect(read(body).outcome).toBe('unreadable');
  });

  it('calls bytes that are not UTF-8 unreadable', () => {
    expect(readPush(new Uint8Array([0x22, 0xff, 0xfe, 0x22])).outcome).toBe('unreadable');
  });

  it('names another protocol version as such', () => {
    expect(read(pushFixture({ protocol: 99 }))).toMatchObject({
      outcome: 'version',
      errors: [{ pointer: '/protocol' }],
    });
  });

  it.each([
    ['a negative number', { memory: { ...gpuFixture().memory, usedBytes: -1 } }, '/memory/usedBytes'],
    [
      'an absurd temperature',
      { temperature: { ...gpuFixture().temperature, gpuCelsius: 5000 } },
      '/temperature/gpuCelsius',
    ],
    [
      'more than an exbibyte',
      { memory: { ...gpuFixture().memory, totalBytes: 2 ** 60 } },
      '/memory/totalBytes',
    ],
    [
      'a ratio of 50',
      { utilization: { ...gpuFixture().utilization, gpuRatio: 50 } },
      '/utilization/gpuRatio',
    ],
    ['infinity', { fanRatio: 1e300 }, '/fanRatio'],
    ['a missing key', { uuid: undefined }, '/uuid'],
    ['text for a number', { energyJoules: '12' }, '/energyJoules'],
    ['a negative pid', { processes: [processFixture(-4)] }, '/processes/0/pid'],
    ['no time', { sampledAt: 'yesterday' }, '/sampledAt'],
  ])('points at %s', (_, changes, pointer) => {
    expect(read(withGpu(changes))).toMatchObject({
      outcome: 'invalid',
      errors: [{ pointer: `/reports/0/gpus/0${pointer}` }],
    });
  });

  it('refuses ten thousand GPUs without looking at each', () => {
    const gpus = Array.from({ length: 10_000 }, () => ({ nonsense: true }));
    const outcome = read({ ...pushFixture(), reports: [{ ...reportFixture(), gpus }] });
    expect(outcome).toMatchObject({ outcome: 'invalid', errors: [{ pointer: '/reports/0/gpus' }] });
    expect(outcome.outcome === 'invalid' && outcome.errors).toHaveLength(1);
  });

  it('ends at the first broken process, and before it looks at too many labels', () => {
    const broken = Array.from({ length: 8000 }, () => ({}));
    const outcome = read(withGpu({ processes: broken }));
    expect(outcome).toMatchObject({ outcome: 'invalid' });
    const pointers = outcome.outcome === 'invalid' ? outcome.errors.map(({ pointer }) => pointer) : [];
    expect(pointers.filter((pointer) => !pointer.startsWith('/reports/0/gpus/0/processes/0/'))).toEqual([]);
    const labels = Object.fromEntries(Array.from({ length: 100_000 }, (_, key) => [key, 0]));
    expect(read(pushFixture({ host: { ...pushFixture().host, labels } as never }))).toMatchObject({
      outcome: 'invalid',
      errors: [{ pointer: '/host/labels', detail: 'at most 64 labels' }],
    });
  });

  it('lists at most twenty errors', () => {
    const gpus = Array.from({ length: 100 }, () => ({ ...gpuFixture(), fanRatio: -1 }));
    const outcome = read(pushFixture({ reports: [reportFixture({ gpus })] }));
    expect(outcome.outcome === 'invalid' && outcome.errors).toHaveLength(20);
  });

  it('cuts a long free text instead of silencing the host', () => {
    const outcome = read(withGpu({ processes: [{ ...processFixture(1), name: 'x'.repeat(10_000) }] }));
    expect(outcome.outcome === 'read' && outcome.value.reports[0]?.gpus[0]?.processes[0]?.name).toHaveLength(
      4096,
    );
  });

  it.each(['', 'short', '../../etc/passwd', 'a/b/c/d/e/f/g/h', 'x'.repeat(65)])(
    'refuses the host id %j',
    (id) => {
      expect(read(pushFixture({ host: { id, hostname: 'h', labels: {} } }))).toMatchObject({
        errors: [{ pointer: '/host/id' }],
      });
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(['unreadable', 'version', 'invalid']).toContain(read(body).outcome);
      }),
    );
  });
});

describe('readEnroll', () => {
  it('reads a host and points at what is missing', () => {
    const host = pushFixture().host;
    expect(readEnroll(encode({ host }))).toEqual({ outcome: 'read', value: { host } });
    expect(readEnroll(encode({}))).toMatchObject({ outcome: 'invalid', errors: [{ pointer: '/host' }] });
  });
});

describe('jsonExcess', () => {
  it('agrees with the depth of any JSON, whatever its strings hold', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 6 }), (value, limit) => {
        const excess = jsonExcess(encode(JSON.stringify(value)), { maxDepth: limit, maxValues: 1e6 });
        expect(excess).toBe(depthOf(value) > limit ? 'depth' : null);
      }),
    );
  });

  it('counts no less than the values of any JSON, and lets pass what has twice as few', () => {
    const valuesOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Object.values(value).reduce<number>((sum, item) => sum + valuesOf(item), 0)
        : 1;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const json = encode(JSON.stringify(value));
        const values = valuesOf(value);
        expect(jsonExcess(json, { maxDepth: 10, maxValues: 2 * values })).toBeNull();
        expect(jsonExcess(json, { maxDepth: 10, maxValues: Math.ceil(values / 2) - 1 })).toBe('values');
      }),
    );
  });
});
