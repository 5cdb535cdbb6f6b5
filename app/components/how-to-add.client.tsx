'use client';
import Link from 'next/link';
import { mayDo } from '../places.ts';
import { usePageFacts } from './page-facts.client.tsx';

/** How a first host comes, for whoever may add one and for who may not. */
export function HowToAdd() {
  const { role } = usePageFacts();
  if (!mayDo(role, 'admin')) return 'An administrator adds one with a single command.';
  return (
    <>
      <Link href="/hosts/add" className="text-accent underline">
        Add a host
      </Link>{' '}
      with a single command.
    </>
  );
}
