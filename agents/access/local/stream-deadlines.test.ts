import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStreamDeadlines } from './stream-deadlines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const limits = { startDeadlineSeconds: 30, sampleDeadlineSeconds: 2 };
const pass = (seconds: number): unknown => vi.advanceTimersByTime(seconds * 1000);

it.each([
  ['timers', false],
  ['deadlines without timers of their own', true],
])(
  '%s: a stream has its time to the first line and from each to the next, and none after its end',
  (_, canWait) => {
    const late: string[] = [];
    const start = () => createStreamDeadlines(limits, canWait, (reason) => late.push(reason));
    start();
    pass(30);
    expect(late).toEqual(['start-timeout']);
    const deadlines = start();
    pass(29);
    deadlines.renew();
    pass(1.5);
    deadlines.renew();
    pass(1.5);
    expect(late).toHaveLength(1);
    pass(0.5);
    expect(late).toEqual(['start-timeout', 'sample-timeout']);
    deadlines.renew();
    deadlines.end();
    // The last of its output is still read.
    deadlines.renew();
    pass(60);
    expect(late).toHaveLength(2);
  },
);
