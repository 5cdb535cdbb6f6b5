'use client';
import { AlertDialog } from 'radix-ui';
import { useTransition } from 'react';
import type { HostState } from '../../../lib/model/index.ts';

interface RemoveHostProps {
  readonly hostname: string;
  readonly state: HostState;
  readonly remove: () => Promise<void>;
}

/** What becomes of its agent: one that still reports goes on trying. */
const consequence = (state: HostState): string =>
  state === 'gone'
    ? 'The hub forgets the host and its credential. If its agent comes back, it is refused until it is enrolled again.'
    : 'It still reports. The hub forgets the host and its credential at once and refuses its agent, which keeps its ' +
      'readings, goes on trying and is listed on the Hosts page as refused. End the agent on the host, or enrol it again.';

/** For any host; history stays until its retention ends. */
export function RemoveHost({ hostname, state, remove }: RemoveHostProps) {
  const [pending, start] = useTransition();
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className="mt-4 h-8 rounded-md border border-line px-2.5 text-crit hover:bg-raised">
        Remove this host…
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <AlertDialog.Content className="fixed left-1/2 top-[20vh] z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 rounded-lg border border-line bg-surface p-4 shadow-xl">
          <AlertDialog.Title className="font-medium">Remove {hostname}?</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-muted">
            {consequence(state)} Its history stays until its retention ends.
          </AlertDialog.Description>
          <div className="mt-4 flex justify-end gap-2">
            <AlertDialog.Cancel className="h-8 rounded-md border border-line px-3 hover:bg-raised">
              Keep
            </AlertDialog.Cancel>
            <AlertDialog.Action
              disabled={pending}
              onClick={() => start(remove)}
              className="h-8 rounded-md border border-crit px-3 font-medium text-crit hover:bg-crit-bg"
            >
              Remove
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
