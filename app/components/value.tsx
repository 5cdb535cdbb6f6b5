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
  /** False as well: an em dash, with the last known one on hover. For numbers that move. */
  readonly hidesOld?: boolean;
  /** Without an element of its own while it is current: what it stands in keeps it on one line. */
  readonly isBare?: boolean;
  readonly testId?: string;
}

export const notAvailable = 'nvidia-smi says that it is not available on this GPU';

/** A number or text with its unit; a missing one is an em dash with its reason. */
export function Value<T>(props: ValueProps<T>) {
  const {
    value,
    format,
    reason = notAvailable,
    current = true,
    hidesOld = false,
    isBare = false,
    testId,
  } = props;
  if (value === null || value === undefined)
    return (
      <span title={reason} data-testid={testId} className="text-faint">
        <span aria-hidden>{missing}</span>
        <span className="sr-only">{reason}</span>
      </span>
    );
  if (!current && hidesOld) {
    const words = format(value);
    return (
      <span
        data-testid={testId}
        className="text-faint"
        title={typeof words === 'string' ? `not current; last known: ${words}` : 'not current'}
      >
        <span aria-hidden>{missing}</span>
        <span className="sr-only">not current</span>
      </span>
    );
  }
  if (isBare && current) return format(value);
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
