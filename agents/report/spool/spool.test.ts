import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame } from './frame.ts';
import { createMemorySpool, openDiskSpool, type Spool } from './index.ts';

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpufleet-spool-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const payloadOf = (sequence: number, bytes = 30): Buffer => Buffer.from(`${sequence} `.padEnd(bytes, 'x'));
const sequences = (spool: Spool): number[] => spool.oldest(1000).map((entry) => entry.sequence);
const put = (spool: Spool, bytes?: number): number => {
  const sequence = spool.takeSequence();
  spool.append({ sequence, payload: payloadOf(sequence, bytes) });
  return sequence;
};
const newestLog = (folder: string): string | undefined =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1);
const bytesOnDisk = (folder: string): number =>
  readdirSync(folder)
    .filter((name) => name !== 'state.json')
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

type Step =
  | { kind: 'append'; bytes: number; late: boolean }
  | { kind: 'acknowledge'; picks: number[] }
  | { kind: 'reopen' }
  | { kind: 'kill' }
  | { kind: 'kill-while-writing'; keptRatio: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), bytes: fc.nat(200), late: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), picks: fc.array(fc.nat(20)) }),
  },
  fc.record({ kind: fc.constant('reopen' as const) }),
  fc.record({ kind: fc.constant('kill' as const) }),
  fc.record({
    kind: fc.constant('kill-while-writing' as const),
    keptRatio: fc.double({ min: 0, max: 0.99, noNaN: true }),
  }),
);

test('any order of appending, acknowledging, closing and being killed keeps exactly what was not acknowledged', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const folder = freshFolder();
      const open = (): Spool => openDiskSpool({ folder, maxBytes: 1_000_000, segmentBytes: 300 });
      let spool = open();
      const kept = new Map<number, Buffer>();
      const held: number[] = [];
      const given = new Set<string>();
      for (const each of steps) {
        if (each.kind === 'append') {
          held.push(spool.takeSequence());
          const identity = `${spool.epoch}/${held.at(-1)}`;
          expect(given.has(identity)).toBe(false);
          given.add(identity);
          // A report whose push fails late is appended after younger ones.
          const sequence = (each.late && held.length < 3 ? undefined : held.shift()) ?? null;
          if (sequence !== null) {
            kept.set(sequence, payloadOf(sequence, each.bytes));
            spool.append({ sequence, payload: payloadOf(sequence, each.bytes) });
          }
        } else if (each.kind === 'acknowledge') {
          const all = [...kept.keys()];
          const chosen = each.picks.map((pick) => all[pick % Math.max(1, all.length)] ?? 999_999);
          spool.acknowledge(chosen);
          for (const sequence of chosen) kept.delete(sequence);
        } else {
          if (each.kind === 'reopen') spool.close();
          const log = newestLog(folder);
          if (each.kind === 'kill-while-writing' && log !== undefined) {
            const frame = encodeFrame(77_777, payloadOf(7, 50));
            appendFileSync(join(folder, log), frame.subarray(0, Math.floor(frame.length * each.keptRatio)));
          }
          held.length = 0;
          spool = open();
        }
        expect(sequences(spool)).toEqual([...kept.keys()].sort((a, b) => a - b));
        expect(spool.newest()?.sequence ?? null).toBe(kept.size === 0 ? null : Math.max(...kept.keys()));
        for (const entry of spool.oldest(1000)) expect(entry.payload).toEqual(kept.get(entry.sequence));
        expect(spool.stats).toMatchObject({
          reports: kept.size,
          bytes: bytesOnDisk(folder),
          droppedReports: 0,
        });
      }
      spool.close();
    }),
    { numRuns: 60 },
  );
});

describe('when full', () => {
  test('never passes its size, drops the oldest and counts each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 80 }), (sizes) => {
        const folder = freshFolder();
        const spool = openDiskSpool({ folder, maxBytes: 3000 });
        for (const bytes of sizes) {
          put(spool, bytes);
          expect(bytesOnDisk(folder)).toBeLessThanOrEqual(3000);
        }
        const left = sequences(spool);
        expect(left.length + spool.stats.droppedReports).toBe(sizes.length);
        expect(left).toEqual(sizes.map((_, index) => index + 1).slice(-left.length));
        spool.close();
      }),
      { numRuns: 40 },
    );
  });

  test('the count of dropped ones survives a restart', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 1000 });
    for (let index = 0; index < 40; index += 1) put(spool, 100);
    const { droppedReports } = spool.stats;
    expect(droppedReports).toBeGreaterThan(30);
    expect(openDiskSpool({ folder, maxBytes: 1000 }).stats.droppedReports).toBe(droppedReports);
  });

  test('a report larger than the whole spool is dropped, the others stay', () => {
    const spool = openDiskSpool({ folder: freshFolder(), maxBytes: 1000 });
    put(spool);
    put(spool, 5000);
    expect(sequences(spool)).toEqual([1]);
    expect(spool.stats.droppedReports).toBe(1);
  });

  test('an hour at 5 s of an eight-GPU host fits into 64 MiB', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 64 * 1024 * 1024 });
    for (let index = 0; index < 720; index += 1) put(spool, 8000);
    expect(spool.stats).toMatchObject({ reports: 720, droppedReports: 0 });
    expect(bytesOnDisk(folder)).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('damage', () => {
  const damageFirst = (folder: string, change: (bytes: Buffer) => Buffer): void => {
    const [first = ''] = readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .sort();
    writeFileSync(join(folder, first), change(readFileSync(join(folder, first))));
  };

  test.each([
    ['payload', 24],
    ['length', 0],
    ['checksum', 5],
    ['number', 8],
    ['number, far', 15],
  ])('a flipped bit in the %s costs that record alone, and is counted once', (_name, at) => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 100_000 });
    for (let index = 0; index < 9; index += 1) put(spool);
    damageFirst(folder, (bytes) => {
      bytes[46 + at] = (bytes[46 + at] ?? 0) ^ 0x10;
      return bytes;
    });
    for (let opened = 0; opened < 2; opened += 1) {
      const again = openDiskSpool({ folder, maxBytes: 100_000 });
      expect(sequences(again)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
      expect(again.stats).toMatchObject({ tornRecords: opened === 0 ? 1 : 0, droppedReports: 1 });
      expect(again.stats.bytes).toBe(bytesOnDisk(folder));
    }
  });

  test('damage to what the hub has already costs nothing', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 100_000 });
    for (let index = 0; index < 3; index += 1) put(spool);
    spool.acknowledge([2]);
    damageFirst(folder, (bytes) => {
      bytes[70] = (bytes[70] ?? 0) ^ 0xff;
      return bytes;
    });
    const again = openDiskSpool({ folder, maxBytes: 100_000 });
    expect(sequences(again)).toEqual([1, 3]);
    expect(again.stats.droppedReports).toBe(0);
  });

  test('a hole over several records, and bytes in between, cost no other', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 100_000 });
    for (let index = 0; index < 9; index += 1) put(spool);
    damageFirst(folder, (bytes) => {
      bytes.fill(0, 50, 150);
      return Buffer.concat([bytes.subarray(0, 5 * 46), Buffer.from('in between'), bytes.subarray(5 * 46)]);
    });
    const again = openDiskSpool({ folder, maxBytes: 100_000 });
    expect(sequences(again)).toEqual([1, 5, 6, 7, 8, 9]);
    expect(again.stats.droppedReports).toBeGreaterThan(0);
    expect(again.takeSequence()).toBeGreaterThan(9);
  });

  test('a lost state file begins a new epoch and keeps what waits', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 100_000 });
    put(spool);
    writeFileSync(join(folder, 'state.json'), '');
    const again = openDiskSpool({ folder, maxBytes: 100_000 });
    expect(again.epoch).not.toBe(spool.epoch);
    expect(sequences(again)).toEqual([1]);
    expect(again.takeSequence()).toBe(2);
  });
});

describe('identity', () => {
  test('an empty spool begins a new epoch, one with a backlog goes on', () => {
    const folder = freshFolder();
    const spool = openDiskSpool({ folder, maxBytes: 100_000 });
    put(spool);
    spool.close();
    const again = openDiskSpool({ folder, maxBytes: 100_000 });
    expect(again.epoch).toBe(spool.epoch);
    expect(again.takeSequence()).toBe(2);
    again.acknowledge([1]);
    again.close();
    expect(openDiskSpool({ folder, maxBytes: 100_000 }).epoch).not.toBe(spool.epoch);
  });

  test('opening says when the folder cannot be used', () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(() => openDiskSpool({ folder: join(folder, 'file'), maxBytes: 1000 })).toThrow(/EEXIST|ENOTDIR/);
  });
});

test('the spool in memory is bounded the same way', () => {
  const spool = createMemorySpool(100);
  for (let index = 0; index < 5; index += 1) put(spool, 40);
  expect(sequences(spool)).toEqual([4, 5]);
  expect(spool.stats).toMatchObject({ reports: 2, bytes: 80, droppedReports: 3 });
  spool.acknowledge([4, 5, 6]);
  expect(spool.newest()).toBeNull();
});

test.each(['disk', 'memory'])('what the hub refuses for good is gone and counted (%s)', (kind) => {
  const folder = freshFolder();
  const spool = kind === 'disk' ? openDiskSpool({ folder, maxBytes: 10_000 }) : createMemorySpool(10_000);
  put(spool);
  put(spool);
  spool.drop([1]);
  spool.drop([77]);
  expect(sequences(spool)).toEqual([2]);
  expect(spool.stats.droppedReports).toBe(2);
});
