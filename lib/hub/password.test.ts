import { describe, expect, it } from 'vitest';
import { createPasswords } from './password.ts';

const cheap = { logN: 10, r: 8, p: 1 };

describe('a password', () => {
  it('matches itself, in either form of its letters, and nothing else', async () => {
    const passwords = createPasswords(cheap, 2);
    const stored = await passwords.hash('Grüße aus Köln 7'.normalize('NFC'));
    expect(stored).toMatch(/^scrypt\$ln=10,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await passwords.verify('Grüße aus Köln 7'.normalize('NFD'), stored)).toEqual({
      matches: true,
      isOld: false,
    });
    for (const wrong of ['', 'grüße aus köln 7', 'Grüße aus Köln 7 '])
      expect((await passwords.verify(wrong, stored)).matches).toBe(false);
    expect(await passwords.hash('Grüße aus Köln 7')).not.toBe(stored);
  });

  it('of nobody matches nothing, at the cost of one that somebody has', async () => {
    const passwords = createPasswords({ logN: 14, r: 8, p: 1 }, 1);
    const stored = await passwords.hash('correct horse battery');
    const time = async (hash: string | null) => {
      const started = performance.now();
      const { matches } = await passwords.verify('wrong horse battery', hash);
      return { matches, millis: performance.now() - started };
    };
    const some: number[] = [];
    const none: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await time(stored), await time(null)];
      expect([a.matches, b.matches]).toEqual([false, false]);
      some.push(a.millis);
      none.push(b.millis);
    }
    // The least of a few; without the work it would be a hundredth, and a busy machine makes either twice the other.
    expect(Math.min(...none)).toBeGreaterThan(Math.min(...some) / 8);
    expect(Math.min(...none)).toBeLessThan(Math.min(...some) * 8);
  });

  it('that was written at another cost still matches, and is said to be old', async () => {
    const stored = await createPasswords({ logN: 8, r: 8, p: 1 }).hash('correct horse battery');
    const check = await createPasswords(cheap).verify('correct horse battery', stored);
    expect(check).toEqual({ matches: true, isOld: true });
  });

  it('is hashed a few at a time; who comes when too many wait is told to come back', async () => {
    const passwords = createPasswords({ logN: 12, r: 8, p: 1 }, 2);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) => passwords.verify(`attempt ${at}`, null)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.length - refused.length).toBe(2 + 24);
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
    expect((await passwords.verify('later', null)).matches).toBe(false);
  });

  it('that nobody can read is a mistake of ours, not a wrong one', async () => {
    await expect(createPasswords(cheap).verify('x', 'md5$abc')).rejects.toMatchObject({ code: 'internal' });
  });
});
