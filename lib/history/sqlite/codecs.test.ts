import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountMetrics, historyMetrics } from '../history-store.ts';
import {
  addNumber,
  createAggregate,
  decodeAggregate,
  decodeParts,
  encodeAggregate,
  readParts,
} from './aggregate.ts';
import { createByteReader, createByteWriter } from './bytes.ts';
import { maxStoredNumber, storedMetrics } from './metrics.ts';
import { createSequences, maxRanges } from './sequences.ts';

test('every metric of the port has a number on disk, and numbers do not move', () => {
  expect([...storedMetrics].sort()).toEqual(Object.keys({ ...historyMetrics, ...accountMetrics }).sort());
  expect(storedMetrics[4]).toBe('gpu_memory_used_bytes');
  expect(storedMetrics[12]).toBe('container_gpu_utilization_ratio');
  expect(storedMetrics.slice(13, 16)).toEqual(Object.keys(accountMetrics));
});

test('numbers come back as they were written', () => {
  const numbers = fc.array(fc.oneof(fc.maxSafeNat(), fc.nat(300)));
  const signed = fc.array(fc.integer({ min: -maxStoredNumber, max: maxStoredNumber }));
  fc.assert(
    fc.property(numbers, signed, (whole, both) => {
      const writer = createByteWriter();
      for (const number of whole) writer.writeVarint(number);
      for (const number of both) writer.writeSigned(number);
      const reader = createByteReader(writer.take());
      expect(whole.map(() => reader.readVarint())).toEqual(whole);
      expect(both.map(() => reader.readSigned() + 0)).toEqual(both.map((number) => number + 0));
      expect(reader.atEnd()).toBe(true);
    }),
  );
});

test('an aggregate comes back as it was, whole and by metric', () => {
  const value = fc.integer({ min: -maxStoredNumber, max: maxStoredNumber });
  const given = fc.array(fc.tuple(fc.nat(storedMetrics.length - 1), value), { maxLength: 40 });
  fc.assert(
    fc.property(given, (pairs) => {
      const aggregate = createAggregate();
      for (const [metric, number] of pairs) addNumber(aggregate, metric, number);
      const bytes = encodeAggregate(aggregate);
      expect(decodeAggregate(bytes)).toEqual(aggregate);
      for (const metric of storedMetrics.keys()) {
        const parts = readParts(aggregate, metric);
        expect(decodeParts(bytes, metric)).toEqual(parts[0] === 0 ? null : parts);
      }
    }),
  );
});

test('sequences remember exactly what was added, in any order, through any number of restarts', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(60), fc.constant(-1))), (steps) => {
      let sequences = createSequences();
      const model = new Set<number>();
      for (const step of steps) {
        if (step === -1) sequences = createSequences(sequences.encode());
        else {
          expect(sequences.add(step)).toBe(!model.has(step));
          model.add(step);
        }
      }
      for (let sequence = 0; sequence <= 61; sequence++)
        expect(sequences.has(sequence)).toBe(model.has(sequence));
    }),
  );
});

test('sequences stay small: neighbours join, and past a spool of gaps the oldest count as received, and are told', () => {
  const sequences = createSequences();
  for (let sequence = 0; sequence < 10_000; sequence++) sequences.add(sequence);
  expect(sequences.rangeCount()).toBe(1);
  const end = 20_000 + 2 * (maxRanges + 100);
  for (let sequence = 20_000; sequence < end; sequence += 2) sequences.add(sequence);
  expect(sequences.rangeCount()).toBe(maxRanges);
  expect(sequences.forgottenGaps()).toBe(101);
  expect(sequences.has(end - 1)).toBe(false);
  expect(sequences.has(20_001)).toBe(true);
});
