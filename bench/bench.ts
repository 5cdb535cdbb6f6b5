/** One benchmark. What it measures is a cost, in `unit`: less is better. */
export interface Bench {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  /** With a reference: the least ratio (reference over ours) that holds. Without: the most that ours may cost. */
  readonly bar: number;
  /** Prepares both sides; nothing of it is measured but what the functions return. */
  start(): Promise<RunningBench>;
}

export interface RunningBench {
  ours(): Promise<number>;
  readonly reference: { readonly what: string; run(): Promise<number> } | null;
  /** Cost that both sides share: measured in turn with them, and taken off both, round by round. */
  readonly beyond?: { readonly what: string; run(): Promise<number> };
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
  /** What was taken off both sides. */
  readonly beyond?: Spread & { readonly what: string };
  /** Whatever a reader needs to judge the figure. */
  readonly note?: string;
}

export interface RunOptions {
  /** How long a bench that runs for a while does so; null: as long as its bar says. */
  readonly minutes: number | null;
  /** How many hosts are played where a bench lets one choose; null: as many as its bar is for. */
  readonly hosts: number | null;
  /** Whether a Prometheus scrapes the fleet meanwhile, every 15 s. */
  readonly scrape: boolean;
}

/** What one name on the command line runs: a figure, or several of one run. */
export interface BenchCommand {
  readonly name: string;
  run(options: RunOptions): Promise<readonly BenchResult[]>;
}

export const asCommand = (bench: Bench): BenchCommand => ({
  name: bench.name,
  run: async () => [await runBench(bench)],
});

/** Measures ours and the reference in turn, so that a busy machine troubles both alike. */
export async function runBench(bench: Bench): Promise<BenchResult> {
  const running = await bench.start();
  const { reference, beyond } = running;
  const taken = { ours: [] as number[], reference: [] as number[], beyond: [] as number[] };
  try {
    for (let round = 0; round < bench.rounds; round++) {
      if (beyond !== undefined) taken.beyond.push(await beyond.run());
      taken.ours.push(await running.ours());
      if (reference !== null) taken.reference.push(await reference.run());
    }
  } finally {
    await running.stop();
  }
  const { name, unit, rounds, bar } = bench;
  const shared = beyond === undefined ? null : spread(taken.beyond);
  const less = (values: readonly number[]) =>
    spread(values.map((value, round) => value - (taken.beyond[round] ?? 0)));
  const ours = less(taken.ours);
  const common = {
    name,
    unit,
    rounds,
    ours,
    bar,
    ...(shared === null || beyond === undefined ? {} : { beyond: { what: beyond.what, ...shared } }),
  };
  if (reference === null) return { ...common, reference: null, ratio: null, holds: ours.median <= bar };
  const theirs = less(taken.reference);
  const ratio = theirs.median / ours.median;
  return { ...common, reference: { what: reference.what, ...theirs }, ratio, holds: ratio >= bar };
}

/** A figure without a reference, such as one of several of a run. */
export function figure(
  about: Pick<BenchResult, 'name' | 'unit' | 'bar'> & { readonly note?: string },
  values: readonly number[],
): BenchResult {
  const ours = spread(values);
  return {
    ...about,
    rounds: values.length,
    ours,
    reference: null,
    ratio: null,
    holds: ours.median <= about.bar,
  };
}

/** One of several figures of a run that has a reference. */
export function compared(
  about: Pick<BenchResult, 'name' | 'unit' | 'bar'> & { readonly note?: string },
  values: readonly number[],
  reference: { readonly what: string; readonly values: readonly number[] },
): BenchResult {
  const ours = spread(values);
  const theirs = spread(reference.values);
  const ratio = theirs.median / ours.median;
  return {
    ...about,
    rounds: values.length,
    ours,
    reference: { what: reference.what, ...theirs },
    ratio,
    holds: ratio >= about.bar,
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** The value that `share` (0 to 1) of them do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
