import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createQueryGpuReader, queryGpuFields } from '../index.ts';

/** What a reader tells of a line that has read no other row before. */
function readAlone(head: string, line: string) {
  const reader = createQueryGpuReader();
  reader.push(head);
  return reader.push(line);
}

const good = (unit: string) => fc.nat({ max: 120 }).map((number) => `${number}${unit}`);
const cell = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('same', 'other').map((name) => (name === 'same' ? '7' : '8')) },
  { weight: 2, arbitrary: good(' %') },
  { weight: 2, arbitrary: good(' MiB') },
  { weight: 2, arbitrary: good('.50 W') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('P0', 'P8', '0x0000000000000004', '0x0000000000000000', '2026/01/02'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('[N/A]', 'ERR!', '[GPU is lost]', '[Unknown Error]', '[Not Supported]', ''),
  },
);
const columns = fc.oneof(
  fc.constant([...queryGpuFields, 'driver_version']),
  fc.subarray([
    ...['uuid', 'power.draw [W]', 'power.limit [W]', 'enforced.power.limit [W]', 'memory.used [MiB]'],
    ...['driver_version', 'kmd_version', 'ecc.errors.corrected.volatile.total', 'new.thing', 'pstate'],
    ...['clocks_throttle_reasons.active', 'clocks_event_reasons.gpu_idle', 'mig.mode.current', 'index'],
  ]),
);

/** Lines of two GPUs in which some cells change from one to the next. */
const lines = columns.chain((names) =>
  fc.record({
    head: fc.constant(['uuid', ...names.filter((name) => name !== 'uuid')].join(', ')),
    first: fc.array(cell, { minLength: names.length, maxLength: names.length }),
    steps: fc.array(
      fc.record({
        gpu: fc.constantFrom('GPU-1', 'GPU-2'),
        changes: fc.dictionary(fc.nat({ max: Math.max(0, names.length - 1) }).map(String), cell, {
          maxKeys: 4,
        }),
      }),
      { maxLength: 12 },
    ),
  }),
);

it('a row is the same whatever was read before it', () => {
  fc.assert(
    fc.property(lines, ({ head, first, steps }) => {
      const count = head.split(', ').length - 1;
      const reader = createQueryGpuReader();
      reader.push(head);
      let cells = first.slice(0, count);
      for (const { gpu, changes } of steps) {
        cells = cells.map((each, at) => changes[String(at)] ?? each);
        const line = [gpu, ...cells].join(', ');
        expect(reader.push(line)).toEqual(readAlone(head, line));
      }
    }),
    { numRuns: 1000 },
  );
});

it('a row that was told stays as it was when the next one changes', () => {
  const reader = createQueryGpuReader();
  reader.push('uuid, memory.used [MiB], memory.free [MiB], power.draw [W]');
  const before = reader.push('GPU-1, 1 MiB, 5 MiB, 7.00 W');
  const after = reader.push('GPU-1, 2 MiB, 5 MiB, 7.00 W');
  expect(before?.gpu).toEqual({
    uuid: 'GPU-1',
    memory: { usedBytes: 1_048_576, freeBytes: 5_242_880 },
    power: { drawWatts: 7 },
  });
  expect(after?.gpu.memory).toEqual({ usedBytes: 2_097_152, freeBytes: 5_242_880 });
  expect(after?.gpu.power).toBe(before?.gpu.power);
});

it('another head under the same stream is read by itself', () => {
  const reader = createQueryGpuReader();
  reader.push('uuid, memory.used [MiB]');
  reader.push('GPU-1, 3 MiB');
  reader.push('uuid, memory.free [MiB]');
  expect(reader.push('GPU-1, 3 MiB')?.gpu).toEqual({ uuid: 'GPU-1', memory: { freeBytes: 3_145_728 } });
});
