'use client';
import { formatExact } from '../format/index.ts';
import { useIsHydrated } from '../stream/hooks.client.ts';

/** A time in the viewer's zone, for what is looked up and not watched. */
export function ExactTime({ at }: { at: string }) {
  const hydrated = useIsHydrated();
  return (
    <time dateTime={at} className="whitespace-nowrap">
      {formatExact(at, hydrated ? undefined : 'UTC')}
    </time>
  );
}
