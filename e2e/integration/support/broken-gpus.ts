export interface PlayedGpu {
  readonly index: number;
  /** Milliseconds after the start of the play. */
  readonly fromMillis: number;
  readonly toMillis: number;
}

const gpuCount = 50;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Fifty GPUs, each broken once for longer than any hub is away. */
export function playedGpus(seed: number): readonly PlayedGpu[] {
  const random = seeded(seed);
  return Array.from({ length: gpuCount }, (_, index) => {
    const fromMillis = random() * 16_000;
    return { index, fromMillis, toMillis: fromMillis + 5000 + random() * 6000 };
  });
}

export const isBroken = ({ fromMillis, toMillis }: PlayedGpu, atMillis: number): boolean =>
  atMillis >= fromMillis && atMillis < toMillis;
