'use client';
import { Dialog } from 'radix-ui';
import { type FormEvent, type ReactNode, useState } from 'react';
import { buttonLook, FormMessage } from '../components/form-parts.tsx';
import type { Refusal, Sent } from '../components/send.client.ts';

interface FormDialogProps {
  /** On the button that opens it. */
  readonly label: ReactNode;
  readonly ariaLabel?: string;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  readonly look?: keyof typeof buttonLook;
  /** The fields, given what the hub said of each. */
  readonly children: (fields: Refusal['fields']) => ReactNode;
  readonly send: (form: FormData) => Promise<Sent<unknown>>;
  readonly done: () => void;
}

/** A small form over the page; a refusal is said beside what was asked. */
export function FormDialog(props: FormDialogProps) {
  const { label, ariaLabel, title, description, action, look = 'plain', children, send, done } = props;
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    const sent = await send(form);
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal);
    if (!sent.ok) return;
    setOpen(false);
    done();
  };
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setRefusal(null);
      }}
    >
      <Dialog.Trigger aria-label={ariaLabel} className={buttonLook[look]}>
        {label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[#0008]" />
        <Dialog.Content className="fixed left-1/2 top-[10vh] z-50 max-h-[85vh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-lg border border-line bg-surface p-4 shadow-xl">
          <Dialog.Title className="font-medium">{title}</Dialog.Title>
          <Dialog.Description className="mt-1 text-muted">{description}</Dialog.Description>
          <form onSubmit={(event) => void submit(event)} className="mt-3 grid gap-3">
            {children(refusal?.fields ?? {})}
            <FormMessage>{refusal?.detail ?? null}</FormMessage>
            <div className="flex items-center justify-end gap-2">
              <Dialog.Close className={buttonLook.plain}>Cancel</Dialog.Close>
              <button type="submit" disabled={busy} className={buttonLook.main}>
                {action}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const hour = 3600;
const lengths: readonly (readonly [seconds: number, words: string])[] = [
  [hour / 2, '30 minutes'],
  [hour, '1 hour'],
  [2 * hour, '2 hours'],
  [4 * hour, '4 hours'],
  [8 * hour, '8 hours'],
  [24 * hour, '1 day'],
  [72 * hour, '3 days'],
  [7 * 24 * hour, '1 week'],
  [30 * 24 * hour, '30 days'],
];

export function LengthField({ initial = 2 * hour }: { initial?: number }) {
  return (
    <div>
      <label htmlFor="forSeconds" className="mb-1 block font-medium">
        For
      </label>
      <select
        id="forSeconds"
        name="forSeconds"
        defaultValue={initial}
        className="h-9 rounded-md border border-line-strong bg-surface px-2"
      >
        {lengths.map(([seconds, words]) => (
          <option key={seconds} value={seconds}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
