import fc from 'fast-check';
import { expect, it } from 'vitest';
import { processFixture } from '../protocol/push-fixture.ts';
import { unattributedOf, unattributedUse } from './attribution.ts';

const gib = 1024 ** 3;

it('leaves what no container owns, and names its processes', () => {
  expect(
    unattributedUse(5 * gib, [processFixture(1, 'a'), processFixture(2), processFixture(3, 'b')]),
  ).toEqual({
    usedMemoryBytes: 3 * gib,
    overcountBytes: 0,
    pids: [2],
  });
});

it('says an overcount instead of a negative remainder', () => {
  expect(unattributedUse(gib, [processFixture(1, 'a'), processFixture(2, 'b')])).toEqual({
    usedMemoryBytes: 0,
    overcountBytes: gib,
    pids: [],
  });
});

it('does not guess what the driver does not tell', () => {
  const silent = { ...processFixture(1, 'a'), usedMemoryBytes: null };
  expect(unattributedUse(gib, [silent]).usedMemoryBytes).toBeNull();
  expect(unattributedUse(null, []).usedMemoryBytes).toBeNull();
  expect(unattributedUse(gib, [{ ...processFixture(4), owner: null }])).toMatchObject({
    usedMemoryBytes: gib,
    pids: [4],
  });
});

it('owners plus remainder minus overcount are the GPU’s own number', () => {
  fc.assert(
    fc.property(
      fc.nat(1e12),
      fc.array(fc.tuple(fc.nat(1e11), fc.boolean()), { maxLength: 20 }),
      (used, all) => {
        const processes = all.map(([usedMemoryBytes, contained], pid) => ({
          ...processFixture(pid, contained ? 'c' : null),
          usedMemoryBytes,
        }));
        const owned = all.filter(([, contained]) => contained).reduce((sum, [bytes]) => sum + bytes, 0);
        const rest = unattributedUse(used, processes);
        expect(owned + (rest.usedMemoryBytes ?? Number.NaN) - rest.overcountBytes).toBe(used);
      },
    ),
  );
});

it('takes what the agent divided over owners of every kind, and what is left then', () => {
  const job = { ...processFixture(2), ownerKey: 'slurm:7' };
  const stray = { ...processFixture(3), ownerKey: null };
  const gpu = { detailsMemoryUsedBytes: 5 * gib, processes: [processFixture(1, 'a'), job, stray] };
  const memory = { ownedBytes: 4 * gib, remainderBytes: gib, overcountBytes: 0 };
  const accounting = {
    memory,
    sm: { ownedRatio: null, remainderRatio: null, isOverlap: false },
    sharesSampledAt: null,
    sharesProblem: 'MIG',
  };
  expect(unattributedOf({ ...gpu, accounting })).toEqual({
    usedMemoryBytes: gib,
    overcountBytes: 0,
    pids: [1, 3],
  });
  expect(unattributedOf({ ...gpu, accounting: undefined })).toMatchObject({ pids: [2, 3] });
});
