import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPng, smallPng } from './small-png.ts';

/** A PNG of RGB rows, each with the filter that is named. */
function rgbPng(rows: readonly { readonly filter: number; readonly bytes: readonly number[] }[]): Buffer {
  const width = (rows[0]?.bytes.length ?? 0) / 3;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(rows.length, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const data = Buffer.concat(rows.map(({ filter, bytes }) => Buffer.from([filter, ...bytes])));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(data)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('readPng', () => {
  it('undoes every filter', () => {
    const png = rgbPng([
      { filter: 0, bytes: [10, 20, 30, 40, 50, 60] },
      { filter: 1, bytes: [1, 2, 3, 4, 5, 6] },
      { filter: 2, bytes: [1, 1, 1, 1, 1, 1] },
      { filter: 3, bytes: [2, 2, 2, 2, 2, 2] },
      { filter: 4, bytes: [3, 3, 3, 3, 3, 3] },
    ]);
    const { width, height, rgba } = readPng(png);
    expect([width, height]).toEqual([2, 5]);
    expect([...rgba]).toEqual([
      ...[10, 20, 30, 255, 40, 50, 60, 255],
      ...[1, 2, 3, 255, 5, 7, 9, 255],
      ...[2, 3, 4, 255, 6, 8, 10, 255],
      ...[3, 3, 4, 255, 6, 7, 9, 255],
      ...[6, 6, 7, 255, 9, 10, 12, 255],
    ]);
  });

  it('refuses what it cannot read', () => expect(() => readPng(Buffer.alloc(40))).toThrow('PNG'));
});

describe('smallPng', () => {
  it('keeps every colour of a picture with few', () => {
    const bytes = Array.from({ length: 3 * 60 }, (_, at) => (at * 7) % 251);
    const png = rgbPng([{ filter: 0, bytes }]);
    const small = smallPng(png);
    // Type 3: a palette; its colours are all that there were.
    expect(small[25]).toBe(3);
    const start = small.indexOf('PLTE') + 4;
    const palette = small.subarray(start, start + small.readUInt32BE(start - 8));
    const triples = (list: Uint8Array | readonly number[]) =>
      new Set(
        Array.from(
          { length: list.length / 3 },
          (_, at) => `${list[at * 3]},${list[at * 3 + 1]},${list[at * 3 + 2]}`,
        ),
      );
    expect(triples(palette)).toEqual(triples(bytes));
  });

  it('brings many colours down to 256', () => {
    const rows = Array.from({ length: 20 }, (_, y) => ({
      filter: 0,
      bytes: Array.from({ length: 3 * 100 }, (_, x) => (x * 13 + y * 17) % 256),
    }));
    const small = smallPng(rgbPng(rows));
    const start = small.indexOf('PLTE');
    expect(small.readUInt32BE(start - 4)).toBeLessThanOrEqual(3 * 256);
  });
});
