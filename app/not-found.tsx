import Link from 'next/link';

export default function NotFoundPage() {
  return (
    <div className="mx-auto max-w-2xl pt-10">
      <h1 className="text-lg font-semibold tracking-tight">Nothing is at this address</h1>
      <p className="mt-1 text-muted">
        A host or GPU that was here may have been removed or replaced. Press{' '}
        <kbd className="font-mono">/</kbd> to search, or look at{' '}
        <Link href="/hosts" className="text-accent underline">
          all hosts
        </Link>
        .
      </p>
    </div>
  );
}
