/** One benchmark. What it measures is a cost, in `unit`: less is better. */
export interface Bench {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  /** With a reference: the least ratio (reference over ours) that holds. Without: the most that ours may cost. */
  readonly bar: number;
  /** Prepares both sides; nothing of it is measured but what the two functions return. */
  start(): Promise<RunningBench>;
}

export interface RunningBench {
  ours(): Promise<number>;
  readonly reference: { readonly what: string; run(): Promise<number> } | null;
  stop(): Promise<void>;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  readonly ours: Spread;
  readonly reference: (Spread & { readonly what: string }) | null;
  readonly ratio: number | null;
  readonly bar: number;
  readonly holds: boolean;
}

/** Measures ours and the reference in turn, so that a busy machine troubles both alike. */
export async function runBench(bench: Bench): Promise<BenchResult> {
  const running = await bench.start();
  try {
    const ours: number[] = [];
    const reference: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      ours.push(await running.ours());
      if (running.reference !== null) reference.push(await running.reference.run());
    }
    const { name, unit, rounds, bar } = bench;
    const oursSpread = spread(ours);
    const common = { name, unit, rounds, ours: oursSpread, bar };
    if (running.reference === null) {
      return { ...common, reference: null, ratio: null, holds: oursSpread.median <= bar };
    }
    const referenceSpread = spread(reference);
    const ratio = referenceSpread.median / oursSpread.median;
    return {
      ...common,
      reference: { what: running.reference.what, ...referenceSpread },
      ratio,
      holds: ratio >= bar,
    };
  } finally {
    await running.stop();
  }
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
