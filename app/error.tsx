'use client';
import { useEffect } from 'react';

/** Shown when a page could not be made. The hub's log has the whole story under the digest. */
export default function ErrorPage({
  error,
  retry,
}: {
  error: Error & { digest?: string };
  retry: () => void;
}) {
  useEffect(() => console.error(error), [error]);
  return (
    <div role="alert" className="mx-auto max-w-2xl pt-10">
      <h1 className="text-lg font-semibold tracking-tight">This page could not be made</h1>
      <p className="mt-1 text-muted">
        The hub answered with an error. Try again; if it stays, look for{' '}
        {error.digest === undefined ? 'the error' : <code className="font-mono">{error.digest}</code>} in the
        hub&apos;s log.
      </p>
      <button
        type="button"
        onClick={retry}
        className="mt-4 h-8 rounded-md bg-accent px-3 font-medium text-accent-text"
      >
        Try again
      </button>
    </div>
  );
}
