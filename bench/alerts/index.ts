import type { BenchCommand } from '../bench.ts';
import { benchDrift } from './drift.ts';
import { benchRules } from './rules.ts';

/** What alerts and drift cost the hub of a large fleet. */
export const alerts: BenchCommand = {
  name: 'alerts',
  run: async () => [...(await benchRules()), ...(await benchDrift())],
};
