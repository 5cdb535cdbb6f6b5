import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProto, writeProto } from './index.ts';

describe('protobuf', () => {
  it('reads what stands on the wire', () => {
    // 1: "testing", 3: 150, 4: { 1: "a", 2: "b" }, a fixed64 and a fixed32 that nobody asks for.
    const bytes = Uint8Array.from([
      ...[0x0a, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67, 0x18, 0x96, 0x01],
      ...[0x22, 6, 0x0a, 1, 0x61, 0x12, 1, 0x62, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4],
    ]);
    const message = readProto(bytes);
    expect(message.text(1)).toBe('testing');
    expect(message.number(3)).toBe(150);
    expect([...message.map(4)]).toEqual([['a', 'b']]);
    expect([message.text(9), message.number(9), message.message(9)]).toEqual([null, null, null]);
  });

  it('gives what stands before a cut', () => {
    const whole = writeProto([
      [1, 'one'],
      [2, 'two'],
    ]);
    const cut = readProto(whole.subarray(0, whole.length - 1));
    expect([cut.text(1), cut.text(2)]).toEqual(['one', null]);
  });

  it('gives back what was written, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.string({ unit: 'grapheme' }))),
        (all) => {
          const read = readProto(writeProto(all));
          for (const [field] of all)
            expect(read.texts(field)).toEqual(all.filter(([each]) => each === field).map(([, text]) => text));
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readProto(bytes);
        for (let field = 0; field < 20; field += 1) {
          read.text(field);
          read.number(field);
          for (const inner of read.messages(field)) inner.map(1);
        }
      }),
    );
    expect(readProto(writeProto([[2, true]])).number(2)).toBe(1);
  });
});
