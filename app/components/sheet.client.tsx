'use client';
import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

interface SheetProps {
  readonly title: ReactNode;
  readonly subtitle: ReactNode;
  readonly onClose: () => void;
  readonly testId: string;
  /** Where the keyboard goes on after it closes, when what it was opened from is not there (a link led here). */
  readonly returnTo?: () => HTMLElement | null;
  readonly children: ReactNode;
}

/** What a row or a cell opens to: at the right of the page, over all of it when narrow. Escape closes it. */
export function Sheet({ title, subtitle, onClose, testId, children, returnTo }: SheetProps) {
  const openedFrom = useRef<Element | null>(null);
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[#0006]" />
        <Dialog.Content
          data-testid={testId}
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            openedFrom.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // A dialog without a trigger of its own leaves the focus on nothing.
            event.preventDefault();
            const from = openedFrom.current;
            const isThere = from instanceof HTMLElement && from.isConnected && from !== document.body;
            (isThere ? from : returnTo?.())?.focus();
          }}
          className="fixed inset-y-0 right-0 z-50 w-[min(44rem,100vw)] overflow-y-auto border-l border-line bg-surface shadow-xl"
        >
          <header className="sticky top-0 z-10 flex items-start justify-between gap-4 bg-surface px-4 pb-2 pt-4">
            <div className="min-w-0">
              <Dialog.Title className="break-words text-lg font-semibold tracking-tight">
                {title}
              </Dialog.Title>
              <div className="break-words text-xs text-muted">{subtitle}</div>
            </div>
            <Dialog.Close className="inline-flex size-9 shrink-0 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-text">
              <X className="size-4" aria-hidden />
              <span className="sr-only">Close</span>
            </Dialog.Close>
          </header>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
