'use client';
import { AlertDialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { buttonLook, FormMessage } from './form-parts.tsx';
import type { Sent } from './send.client.ts';

interface ConfirmProps {
  /** On the button that asks. */
  readonly label: ReactNode;
  /** Says what the button is of, where several look alike. */
  readonly ariaLabel?: string;
  readonly title: string;
  /** What it does, and what it does not. */
  readonly children: ReactNode;
  readonly action: string;
  readonly work: () => Promise<Sent<unknown>>;
  readonly done: () => void;
  readonly look?: keyof typeof buttonLook;
}

/** Asks before what cannot be undone; a refusal is said where one still sees what was asked. */
export function Confirm(props: ConfirmProps) {
  const { label, ariaLabel, title, children, action, work, done, look = 'danger' } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const change = (next: boolean) => {
    setOpen(next);
    setRefusal(null);
  };
  const act = async () => {
    setBusy(true);
    const sent = await work();
    setBusy(false);
    if (!sent.ok) {
      setRefusal(sent.refusal.detail);
      return;
    }
    setOpen(false);
    done();
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Trigger aria-label={ariaLabel} className={buttonLook[look]}>
        {label}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <AlertDialog.Content className="fixed left-1/2 top-[20vh] z-50 grid w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 gap-3 rounded-lg border border-line bg-surface p-4 shadow-xl">
          <AlertDialog.Title className="font-medium">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-muted">{children}</AlertDialog.Description>
          <FormMessage>{refusal}</FormMessage>
          <div className="flex justify-end gap-2">
            <AlertDialog.Cancel className={buttonLook.plain}>Cancel</AlertDialog.Cancel>
            <button
              type="button"
              disabled={busy}
              onClick={() => void act()}
              className="h-8 rounded-md border border-crit px-3 font-medium text-crit hover:bg-crit-bg disabled:text-faint"
            >
              {action}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
