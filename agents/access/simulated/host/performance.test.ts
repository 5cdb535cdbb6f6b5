import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../player/perform.ts';
import { startPerformance } from './performance.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function played(how: { ignoreSigterm: boolean; uninterruptible: boolean } | null) {
  const steps: Step[] = [
    ...(how === null ? [] : [{ kind: 'brace', ...how } as const]),
    { kind: 'write', text: 'half' },
    { kind: 'hang' },
  ];
  const ends: unknown[] = [];
  const program = startPerformance(steps.values(), {
    onText: () => {},
    onGone: (end) => ends.push(end.kind),
  });
  program.end();
  return { ends, program };
}

describe('a played program that is told to end', () => {
  it('ends at once', () => {
    expect(played(null).ends).toEqual(['signalled']);
  });

  it('ends a second later, by SIGKILL, when it ignores SIGTERM', () => {
    const { ends, program } = played({ ignoreSigterm: true, uninterruptible: false });
    program.end();
    vi.advanceTimersByTime(999);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(['signalled']);
  });

  it('is given up as hung when nothing ends it', () => {
    const { ends } = played({ ignoreSigterm: true, uninterruptible: true });
    vi.advanceTimersByTime(1999);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(['hung']);
  });
});
