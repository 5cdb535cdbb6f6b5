'use client';
import clsx from 'clsx';
import { ageSeconds, formatAge, formatDuration, formatExact } from '../format/index.ts';
import { useHubNow, useIsHydrated } from '../stream/hooks.client.ts';

interface AgeProps {
  /** ISO 8601, hub clock; null: never. */
  readonly at: string | null;
  /** Hub clock when the page was made. */
  readonly serverTime: string;
  /** Words before the age. */
  readonly prefix?: string;
  /** An old value is dimmed. */
  readonly staleAfterSeconds?: number;
  readonly testId?: string;
  /** `for 3 min` instead of `3 min ago`. */
  readonly asDuration?: boolean;
  readonly className?: string;
}

/** How long ago, ticking; the exact time in the viewer's zone on hover. */
export function Age(props: AgeProps) {
  const { at, serverTime, prefix, staleAfterSeconds, testId, asDuration, className } = props;
  const now = useHubNow(serverTime);
  const hydrated = useIsHydrated();
  const seconds = ageSeconds(at, now);
  const isStale = staleAfterSeconds !== undefined && seconds !== null && seconds > staleAfterSeconds;
  const words =
    seconds === null ? 'never' : asDuration === true ? `for ${formatDuration(seconds)}` : formatAge(seconds);
  return (
    <time
      dateTime={at ?? undefined}
      data-testid={testId}
      title={at === null ? 'never' : formatExact(at, hydrated ? undefined : 'UTC')}
      className={clsx('whitespace-nowrap', className, isStale && 'text-faint italic')}
    >
      {prefix === undefined ? words : `${prefix} ${words}`}
    </time>
  );
}
