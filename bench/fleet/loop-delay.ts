import type { TestHub } from '../../e2e/integration/support/test-hub.ts';

/** What measures the loop's delay is a timer of this period, which counts in each of its samples. */
export const delayTimerMillis = 10;

export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds that the hub's event loop was late since it was last asked, the timer's own period taken off. */
export async function loopDelay(hub: TestHub): Promise<LoopDelay> {
  const text = await hub.getText('/metrics/hub');
  const millis = (name: string): number =>
    Number(new RegExp(`^gpufleet_hub_nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(text)?.[1]) *
    1000;
  return { p99: millis('p99') - delayTimerMillis, max: millis('max') - delayTimerMillis };
}
