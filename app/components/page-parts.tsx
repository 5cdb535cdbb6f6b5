import clsx from 'clsx';
import type { ReactNode } from 'react';

export function PageTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 pb-3 pt-5">
      <h1 className="text-lg font-semibold tracking-tight">{children}</h1>
      {aside === undefined ? null : <div className="text-muted">{aside}</div>}
    </div>
  );
}

/** A framed part of a page with its heading. */
export function Panel({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={clsx('rounded-lg border border-line bg-surface', className)}>
      {title === undefined ? null : (
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-line px-4 py-2">
          <h2 className="font-medium">{title}</h2>
          {aside === undefined ? null : <div className="text-muted">{aside}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Says why there is nothing, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="px-4 py-8 text-center">
      <p className="font-medium">{title}</p>
      {children === undefined ? null : <div className="mx-auto mt-1 max-w-prose text-muted">{children}</div>}
    </div>
  );
}

/** A grey block that keeps the place of what is still to come. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx('rounded-md bg-raised', className)} />;
}
