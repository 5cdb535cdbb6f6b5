import { HubError } from './errors.ts';

/** Most callers remembered; past it the ones heard of longest ago are forgotten. */
const maxCallers = 10_000;

export interface RateLimiter {
  /** Takes one; throws `too-many-requests` with the seconds to wait when none is left. */
  take(caller: string, nowMillis: number): void;
  /** The same without taking. */
  check(caller: string, nowMillis: number): void;
  /** Undoes a take, for where only failures count. */
  giveBack(caller: string): void;
}

/** An address as one caller: of IPv6 its /64, since whoever has one address there has them all. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::', 2);
  const [left, right] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = tail === undefined ? 0 : 8 - (left?.length ?? 0) - (right?.length ?? 0);
  const groups = [...(left ?? []), ...Array<string>(Math.max(0, zeros)).fill('0'), ...(right ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** `burst` at once, then `perSecond`. The caller gives the time. */
export function createRateLimiter(burst: number, perSecond: number): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMillis: number }>();

  function tokensOf(caller: string, nowMillis: number): number {
    const bucket = buckets.get(caller);
    if (bucket === undefined) return burst;
    const refilled = (Math.max(0, nowMillis - bucket.atMillis) / 1000) * perSecond;
    return Math.min(burst, bucket.tokens + refilled);
  }

  function refuseBelowOne(tokens: number): void {
    if (tokens >= 1) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((1 - tokens) / perSecond));
    throw new HubError('too-many-requests', `Too many requests; wait ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  return {
    giveBack(caller) {
      const bucket = buckets.get(caller);
      if (bucket !== undefined) bucket.tokens = Math.min(burst, bucket.tokens + 1);
    },
    check: (caller, nowMillis) => refuseBelowOne(tokensOf(caller, nowMillis)),
    take(caller, nowMillis) {
      const tokens = tokensOf(caller, nowMillis);
      refuseBelowOne(tokens);
      buckets.delete(caller);
      buckets.set(caller, { tokens: tokens - 1, atMillis: nowMillis });
      const oldest = buckets.size > maxCallers ? buckets.keys().next() : null;
      if (oldest !== null && oldest.done !== true) buckets.delete(oldest.value);
    },
  };
}
