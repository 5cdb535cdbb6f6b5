import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBody } from './body.ts';
import { ByteBudget } from './byte-budget.ts';

const mebibyte = 1024 * 1024;
const request = (body: Buffer, encoding = 'gzip') =>
  Object.assign(Readable.from([body]), {
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
  }) as unknown as IncomingMessage;
const zeros = (bytes: number) => gzipSync(Buffer.alloc(bytes, '0'));

describe('a body', () => {
  it('counts at what it inflates to, however small it came', async () => {
    const budget = new ByteBudget();
    const limits = { maxBytes: mebibyte, maxInflatedBytes: 4 * mebibyte };
    const first = budget.share(5 * mebibyte);
    const second = budget.share(5 * mebibyte);
    const { body, receivedBytes } = await readBody(request(zeros(3 * mebibyte)), { ...limits, share: first });
    expect([body.length, receivedBytes < 10_000]).toEqual([3 * mebibyte, true]);
    expect(budget.heldBytes).toBe(3 * mebibyte + receivedBytes);
    const refused = readBody(request(zeros(3 * mebibyte)), { ...limits, share: second });
    await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
    first.release();
    second.release();
    expect(budget.heldBytes).toBe(0);
  });

  it('is refused at its limit, cut short, or when no room is left as it comes', async () => {
    const share = new ByteBudget().share(mebibyte);
    const limits = { maxBytes: 4 * mebibyte, maxInflatedBytes: 1000, share };
    await expect(readBody(request(zeros(1001)), limits)).rejects.toMatchObject({ code: 'too-large' });
    const cut = zeros(900).subarray(0, -9);
    await expect(readBody(request(cut), limits)).rejects.toMatchObject({ code: 'invalid' });
    const plain = request(Buffer.alloc(2 * mebibyte), 'identity');
    await expect(readBody(plain, limits)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
