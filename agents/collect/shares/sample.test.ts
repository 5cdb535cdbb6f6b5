import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { head, row } from './pmon.testing.ts';
import { createSampleReader, type ShareSample } from './sample.ts';

const read = (lines: readonly string[]): ShareSample[] => {
  const samples: ShareSample[] = [];
  const reader = createSampleReader((sample) => samples.push(sample));
  for (const line of lines) reader.push(line);
  reader.flush();
  return samples;
};

describe('samples of a scrolling pmon', () => {
  test('begin where a GPU or a process comes again', () => {
    const lines = [
      ...head,
      row(0, 7, 5),
      row(0, 8, '-'),
      row(1, '-', '-'),
      row(0, 7, 6),
      row(1, 9, 1),
      row(1, 9, 2),
    ];
    const samples = read(lines);
    expect(samples.map((sample) => [...sample].map(([gpu, pids]) => [gpu, [...pids.keys()]]))).toEqual([
      [
        [0, [7, 8]],
        [1, []],
      ],
      [
        [0, [7]],
        [1, [9]],
      ],
      [[1, [9]]],
    ]);
    expect(samples[0]?.get(0)?.get(7)).toEqual({
      smRatio: 0.05,
      memoryRatio: 0.01,
      encoderRatio: null,
      decoderRatio: null,
    });
    expect(samples[0]?.get(0)?.get(8)?.smRatio).toBeNull();
  });

  test('are told at once with the processes of the one before, and again with more', () => {
    const samples: ShareSample[] = [];
    const reader = createSampleReader((sample) => samples.push(sample));
    const push = (line: string): [boolean, number] => [reader.push(line), samples.length];
    for (const line of [...head, row(0, 7, 5), row(1, 8, 5)]) reader.push(line);
    expect(samples).toEqual([]);
    reader.flush();
    expect(push(row(0, 7, 6))).toEqual([true, 1]);
    expect(push(row(1, 8, 6))).toEqual([false, 2]);
    expect(samples[1]?.get(1)?.get(8)?.smRatio).toBe(0.06);
    expect(push(row(1, 9, 7))).toEqual([true, 2]);
    expect(push(row(0, 7, 8))).toEqual([true, 3]);
    expect([...(samples[2]?.get(1) ?? [])].map(([pid, { smRatio }]) => [pid, smRatio])).toEqual([
      [8, 0.06],
      [9, 0.07],
    ]);
    reader.flush();
    reader.flush();
    expect(samples).toHaveLength(4);
  });

  test('go on after a head that comes again', () => {
    expect(read([...head, row(0, 7, 5), ...head, row(0, 7, 6)])).toHaveLength(2);
    expect(read(['what is this', row(0, 7, 5)])).toEqual([]);
  });

  const corpus = fileURLToPath(new URL('../../../../shared/corpus/smi-pmon/', import.meta.url));
  const files = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.includes('_pmon-c5')) : [];
  test.skipIf(files.length === 0).each(files)('%s has five (skipped without ../shared/corpus)', (name) => {
    const samples = read(readFileSync(corpus + name, 'utf8').split('\n'));
    expect(samples.length).toBeGreaterThanOrEqual(1);
    expect(samples.every((sample) => sample.size > 0)).toBe(true);
    // A process that printed two rows in one sample is two; every other file has just its five.
    if (!name.includes('win')) expect(samples).toHaveLength(5);
  });
});
