'use client';
import { type ReactNode, useEffect, useRef } from 'react';
import { CopyButton } from './copy-button.client.tsx';
import { buttonLook } from './form-parts.tsx';

interface ShownOnceProps {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
  readonly close: () => void;
}

/** A secret that the hub does not keep: here until it is put away. */
export function ShownOnce({ title, text, children, close }: ShownOnceProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <section
      ref={box}
      aria-label={title}
      tabIndex={-1}
      className="grid gap-2 rounded-md border border-accent bg-surface p-3"
    >
      <p className="font-medium">{title}</p>
      <div className="flex flex-wrap items-start gap-2 rounded-md bg-raised p-2">
        <code
          data-testid="shown-once"
          className="min-w-0 flex-1 basis-56 self-center whitespace-pre-wrap break-all font-mono text-[13px]"
        >
          {text}
        </code>
        <CopyButton text={text} label="Copy" />
      </div>
      <p className="text-muted">{children}</p>
      <button type="button" onClick={close} className={`${buttonLook.plain} w-fit`}>
        Done
      </button>
    </section>
  );
}
