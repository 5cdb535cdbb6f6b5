'use client';
import { useLive } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';

const words = {
  connecting: 'connecting',
  live: 'live',
  lost: 'stream lost',
  'signed-out': 'signed out',
} as const;

const select = (state: LiveState) => state.connection;

/** The small word in the navigation; the bar below it speaks up when something is wrong. */
export function StreamState() {
  const connection = useLive(select, 'connecting');
  const isFine = connection === 'live' || connection === 'connecting';
  return (
    <span
      data-testid="stream-state"
      data-state={connection}
      className={`mr-1 text-xs max-sm:sr-only ${isFine ? 'text-faint' : 'font-medium text-warn'}`}
    >
      {words[connection]}
    </span>
  );
}
