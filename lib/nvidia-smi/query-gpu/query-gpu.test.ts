import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryGpuReader, emptyGpu, mergeGpu, parseQueryGpu, queryGpuFields } from '../index.ts';

const head =
  'uuid, index, timestamp, pstate, fan.speed [%], utilization.gpu [%], memory.used [MiB], power.draw [W], clocks_event_reasons.active';
const row = (values: Partial<Record<string, string>> = {}) =>
  [
    values['uuid'] ?? 'GPU-1',
    '0',
    '2026/11/23 09:00:00.123',
    'P0',
    values['fan'] ?? '[N/A]',
    values['use'] ?? '57 %',
    values['memory'] ?? '1024 MiB',
    values['power'] ?? '99.50 W',
    values['mask'] ?? '0x0000000000000004',
  ].join(', ');

function readerWithHead() {
  const reader = createQueryGpuReader();
  expect(reader.push(head)).toBeNull();
  return reader;
}

describe('the streamed query', () => {
  it('gives a row for each line behind the head', () => {
    const reader = readerWithHead();
    expect(reader.push(row())).toEqual({
      uuid: 'GPU-1',
      index: 0,
      timestamp: '2026/11/23 09:00:00.123',
      driverVersion: null,
      gpu: {
        uuid: 'GPU-1',
        index: 0,
        performanceState: 'P0',
        fanRatio: null,
        utilization: { gpuRatio: 0.57 },
        memory: { usedBytes: 1_073_741_824 },
        power: { drawWatts: 99.5 },
        throttleReasons: ['sw_power_cap'],
      },
      state: 'ok',
      failure: null,
      extra: {},
    });
    expect(reader.problems).toEqual([]);
  });

  it('takes a second head for a tool that was started anew', () => {
    const reader = readerWithHead();
    reader.push(row());
    expect(reader.push('uuid, temperature.gpu')).toBeNull();
    expect(reader.push('GPU-1, 44')?.gpu).toEqual({ uuid: 'GPU-1', temperature: { gpuCelsius: 44 } });
  });

  it('tells of a failure in the stream, until a good row comes', () => {
    const reader = readerWithHead();
    expect(
      reader.push('Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error'),
    ).toBeNull();
    expect(reader.failure).toMatchObject({ code: 'unknown-error', gpu: '0000:3B:00.0' });
    expect(reader.problems).toEqual([]);
    reader.push(row());
    expect(reader.failure).toBeNull();
  });

  it('makes a problem of a line with another count of columns, never a row', () => {
    const reader = readerWithHead();
    expect(reader.push(`${row()}, 1`)).toBeNull();
    expect(reader.push('GPU-1, 0, 2026')).toBeNull();
    expect(reader.problems.map(({ message }) => message)).toEqual([
      'has 10 columns and not 9',
      'has 3 columns and not 9',
    ]);
  });

  it('clears every reading of a lost GPU', () => {
    const reader = readerWithHead();
    const lost = reader.push(row({ use: '[GPU is lost]', power: '[GPU is lost]', memory: '12 MiB' }))!;
    expect(lost.state).toBe('lost');
    expect(lost.failure).toMatchObject({ code: 'gpu-lost', gpu: 'GPU-1' });
    const before = mergeGpu(emptyGpu(), reader.push(row())!.gpu);
    const after = mergeGpu(before, lost.gpu);
    expect(after).toEqual({ ...emptyGpu(), uuid: 'GPU-1', index: 0 });
  });

  it('keeps the other values when one failed', () => {
    const failed = readerWithHead().push(row({ fan: '[Unknown Error]' }))!;
    expect(failed.state).toBe('ok');
    expect(failed.failure?.code).toBe('unknown-error');
    expect(failed.gpu.utilization?.gpuRatio).toBe(0.57);
  });

  it('takes the limit in force before the requested one, in either order', () => {
    for (const [columns, cells] of [
      ['power.limit [W], enforced.power.limit [W]', '300.00 W, 250.00 W'],
      ['enforced.power.limit [W], power.limit [W]', '250.00 W, 300.00 W'],
    ]) {
      const { gpus } = parseQueryGpu(`uuid, ${columns}\nGPU-1, ${cells}\n`);
      expect(gpus[0]?.gpu.power).toEqual({ limitWatts: 250 });
      expect(gpus[0]?.extra).toEqual({ requestedLimitWatts: 300 });
    }
    const { gpus } = parseQueryGpu(
      'uuid, power.limit [W], enforced.power.limit [W]\nGPU-1, 300.00 W, [N/A]\n',
    );
    expect(gpus[0]?.gpu.power).toEqual({ limitWatts: 300 });
  });

  it('reads values without units by the head', () => {
    const { gpus } = parseQueryGpu('uuid, memory.used [MiB], clocks.sm [MHz], time.x [us]\nGPU-1, 3, 4, 5\n');
    expect(gpus[0]?.gpu).toMatchObject({ memory: { usedBytes: 3_145_728 }, clocks: { smHertz: 4_000_000 } });
    expect(gpus[0]?.extra).toEqual({ 'time.x': 0.000005 });
  });

  it('reads throttle reasons from single columns under both names', () => {
    const both =
      'uuid, clocks_throttle_reasons.gpu_idle, clocks_event_reasons.sync_boost\nGPU-1, Active, Not Active\n';
    expect(parseQueryGpu(both).gpus[0]?.gpu.throttleReasons).toEqual(['gpu_idle']);
    const absent = 'uuid, clocks_throttle_reasons.gpu_idle\nGPU-1, [N/A]\n';
    expect(parseQueryGpu(absent).gpus[0]?.gpu.throttleReasons).toBeNull();
  });

  it('names bits of the mask that it does not know', () => {
    const reader = readerWithHead();
    expect(reader.push(row({ mask: '0x0000000000010001' }))?.gpu.throttleReasons).toEqual(['gpu_idle']);
    expect(reader.problems[0]?.message).toBe('has bits of unknown meaning');
  });

  it('gives the rows of a file without a head only by their uuid', () => {
    const uuid = 'GPU-11111111-2222-3333-4444-555555555555';
    const { gpus, problems } = parseQueryGpu(`0, ${uuid}, 30\n`);
    expect(gpus.map(({ gpu }) => gpu)).toEqual([{ uuid }]);
    expect(problems.length).toBe(1);
    expect(parseQueryGpu(`0, ${uuid}, 30\n`, ['index', 'uuid', 'fan.speed']).gpus[0]?.gpu.fanRatio).toBe(0.3);
  });

  it('asks for fields that it can place, uuid, index and timestamp first', () => {
    expect(queryGpuFields.slice(0, 3)).toEqual(['uuid', 'index', 'timestamp']);
    const cells = queryGpuFields.map(() => '0');
    const { gpus } = parseQueryGpu(`${queryGpuFields.join(', ')}\n${cells.join(', ')}\n`);
    expect(gpus[0]?.extra).toEqual({});
  });
});

describe('properties of the streamed query', () => {
  const cell = fc.oneof(
    fc.constantFrom('[N/A]', '[GPU is lost]', 'ERR!', '101 %', '-1 W', '0x', 'NaN', '1e9 W', '1 MiB'),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  );

  it('never throws, never gives a NaN or a ratio over 1', () => {
    const lines = fc.array(fc.oneof(fc.array(cell, { minLength: 9, maxLength: 9 }), fc.array(cell)));
    fc.assert(
      fc.property(lines, (rows) => {
        const { gpus } = parseQueryGpu([head, ...rows.map((cells) => cells.join(', '))].join('\n'));
        for (const { gpu } of gpus) {
          const numbers = [
            gpu.utilization?.gpuRatio,
            gpu.memory?.usedBytes,
            gpu.power?.drawWatts,
            gpu.fanRatio,
          ];
          for (const value of numbers) {
            if (typeof value === 'number') expect(Number.isFinite(value) && value >= 0).toBe(true);
          }
          expect((gpu.utilization?.gpuRatio ?? 0) <= 1).toBe(true);
          expect(Object.keys(mergeGpu(emptyGpu(), gpu))).toEqual(Object.keys(emptyGpu()));
        }
      }),
    );
  });

  it('gives back what was printed', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.nat({ max: 500_000 }),
        fc.nat({ max: 100_000 }),
        (use, memory, watts) => {
          const read = readerWithHead().push(
            row({ use: `${use} %`, memory: `${memory} MiB`, power: `${(watts / 100).toFixed(2)} W` }),
          );
          expect(read?.gpu.utilization?.gpuRatio).toBe(use / 100);
          expect(read?.gpu.memory?.usedBytes).toBe(memory * 1_048_576);
          expect(read?.gpu.power?.drawWatts).toBe(watts / 100);
        },
      ),
    );
  });
});
