import type { Bench } from './bench.ts';
import { historyAppend, historyRead } from './history.ts';

/** Every benchmark; a new one is a file of its own and a line here. */
export const benches: readonly Bench[] = [historyAppend, historyRead];
