import clsx from 'clsx';
import type { ReactNode } from 'react';
import { missing } from '../format/index.ts';

interface ValueProps<T> {
  readonly value: T | null | undefined;
  readonly format: (value: T) => ReactNode;
  /** Why it is missing; shown on hover. */
  readonly reason?: string;
  /** False: the last known one, dimmed. */
  readonly current?: boolean;
  readonly testId?: string;
}

export const notAvailable = 'nvidia-smi says that it is not available on this GPU';

/** A number or text with its unit; a missing one is an em dash with its reason. */
export function Value<T>({ value, format, reason = notAvailable, current = true, testId }: ValueProps<T>) {
  if (value === null || value === undefined)
    return (
      <span title={reason} data-testid={testId} className="text-faint">
        <span aria-hidden>{missing}</span>
        <span className="sr-only">{reason}</span>
      </span>
    );
  return (
    <span
      data-testid={testId}
      title={current ? undefined : 'last known value'}
      className={clsx('whitespace-nowrap', !current && 'text-faint italic')}
    >
      {format(value)}
    </span>
  );
}
