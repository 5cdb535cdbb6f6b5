import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

export const buttonLook = {
  main: 'h-9 rounded-md bg-accent px-4 font-medium text-accent-text disabled:opacity-60',
  plain: 'h-8 rounded-md border border-line bg-surface px-2.5 hover:bg-raised disabled:text-faint',
  danger:
    'h-8 rounded-md border border-line bg-surface px-2.5 text-crit hover:bg-crit-bg disabled:text-faint',
} as const;

export const inputLook = 'h-9 w-full rounded-md border border-line-strong bg-surface px-2.5';

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'name' | 'className'> {
  readonly name: string;
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it; undefined: nothing. */
  readonly error?: string | undefined;
}

/** A labelled input with its hint and what is wrong with it. */
export function Field({ name, label, hint, error, ...input }: FieldProps) {
  const hintId = `${name}-hint`;
  return (
    <div>
      <label htmlFor={name} className="mb-1 block font-medium">
        {label}
      </label>
      <input
        {...input}
        id={name}
        name={name}
        aria-invalid={error !== undefined}
        aria-describedby={hint === undefined && error === undefined ? undefined : hintId}
        className={clsx(inputLook, error !== undefined && 'border-crit')}
      />
      {hint === undefined && error === undefined ? null : (
        <p id={hintId} className={clsx('mt-1 text-xs', error === undefined ? 'text-muted' : 'text-crit')}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

/** Said at once by a screen reader; its place is there before there is something to say. */
export function FormMessage({ children, tone = 'bad' }: { children: ReactNode; tone?: 'bad' | 'good' }) {
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className="empty:absolute">
      {children === null ? null : (
        <p
          className={clsx(
            'rounded-md border px-3 py-2',
            tone === 'bad' ? 'border-crit bg-crit-bg text-crit' : 'border-line bg-raised',
          )}
        >
          {children}
        </p>
      )}
    </div>
  );
}
