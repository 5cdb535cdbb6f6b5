'use client';
import { useRouter } from 'next/navigation';
import type { ComponentProps } from 'react';

/**
 * A link within these pages for rows that come and go by the dozen as one scrolls: it goes where Next's Link goes and
 * costs a fraction of it, since it watches nothing and fetches nothing ahead.
 */
export function PlainLink({ href, ...rest }: ComponentProps<'a'> & { readonly href: string }) {
  const router = useRouter();
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        const isPlain =
          event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (!isPlain || event.defaultPrevented) return;
        event.preventDefault();
        router.push(href);
      }}
    />
  );
}
