'use client';
import { Unplug } from 'lucide-react';
import { useEffect } from 'react';
import { formatClock } from '../format/index.ts';
import { useLive, useTopic } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';
import { goToLogin } from './send.client.ts';

const selectConnection = (state: LiveState) => state.connection;
const selectLastFrame = (state: LiveState) => state.lastFrameAt;

/**
 * Says that the numbers stand still, and since when. Lies over the page, so that nothing jumps. A page whose session has
 * ended goes to the login, so that nobody goes on reading what they may not.
 */
export function ConnectionBar() {
  useTopic('fleet');
  const connection = useLive(selectConnection, 'connecting');
  const lastFrameAt = useLive(selectLastFrame, null);
  useEffect(() => {
    if (connection === 'signed-out') goToLogin();
  }, [connection]);
  const isBroken = connection === 'lost' || connection === 'signed-out';
  const asOf = lastFrameAt === null ? 'when the page was loaded' : formatClock(lastFrameAt);
  return (
    <div
      role="status"
      data-testid="stream-bar"
      className="sticky top-[3.25rem] z-20 h-0 max-sm:top-[5.25rem]"
    >
      {isBroken ? (
        <div className="mx-auto flex w-fit items-center gap-2 rounded-b-md border border-t-0 border-warn bg-warn-bg px-3 py-1.5 text-warn shadow-sm">
          <Unplug className="size-4 shrink-0" aria-hidden />
          {connection === 'lost' ? (
            <span>Stream lost, reconnecting. Data as of {asOf}.</span>
          ) : (
            <span>Signed out. Data as of {asOf}.</span>
          )}
        </div>
      ) : null}
    </div>
  );
}
