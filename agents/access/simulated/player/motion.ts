/** How busy one GPU is at one moment: everything that moves is derived from it, so that the numbers fit each other. */
export interface Load {
  /** 0..1 */
  readonly utilization: number;
  /** Mean of the last minute, weighted to the newest: what power and temperature follow. */
  readonly warmth: number;
  /** -1..1, over some minutes: how far memory is from its mean. */
  readonly swing: number;
  /** -1..1, different at every second: measuring noise. */
  readonly noise: number;
}

/** 0..1 from any text or number: the same every time, without order between neighbours. */
export function hash01(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join('|')) {
    hash ^= character.charCodeAt(0);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  hash = Math.imul(hash, 0x297a2d39);
  hash ^= hash >>> 15;
  return (hash >>> 0) / 0x1_0000_0000;
}

const wave = (seconds: number, periodSeconds: number, phase: number): number =>
  Math.sin(2 * Math.PI * ((seconds % periodSeconds) / periodSeconds + phase));

export interface LoadSource {
  readonly seed: string;
  /** Mean utilization, 0..1; null picks one from the seed. */
  readonly mean: number | null;
  readonly active: boolean;
}

function utilizationAt(source: LoadSource, seconds: number): number {
  const pick = (what: string): number => hash01(source.seed, what);
  if (!source.active) return 0;
  const mean = source.mean ?? 0.35 + 0.6 * pick('mean');
  const raw =
    mean +
    0.14 * wave(seconds, 190 + 220 * pick('slow'), pick('slow phase')) +
    0.08 * wave(seconds, 37 + 30 * pick('mid'), pick('mid phase')) +
    0.04 * wave(seconds, 7 + 6 * pick('fast'), pick('fast phase')) +
    0.03 * (2 * hash01(source.seed, 'step', Math.floor(seconds / 3)) - 1);
  // Shrinks the movement near the ends, so that a given mean stays the mean.
  const room = Math.min(mean, 1 - mean, 0.2) / 0.2;
  return Math.min(1, Math.max(0, mean + (raw - mean) * room));
}

const lags = [
  [0, 0.3],
  [10, 0.25],
  [25, 0.2],
  [45, 0.15],
  [70, 0.1],
] as const;

/** @param seconds Unix time */
export function loadAt(source: LoadSource, seconds: number): Load {
  return {
    utilization: utilizationAt(source, seconds),
    warmth: lags.reduce((total, [lag, weight]) => total + weight * utilizationAt(source, seconds - lag), 0),
    swing: source.active
      ? wave(seconds, 240 + 300 * hash01(source.seed, 'memory'), hash01(source.seed, 'memory phase'))
      : 0,
    noise: 2 * hash01(source.seed, 'noise', Math.floor(seconds)) - 1,
  };
}
