import type { Metadata } from 'next';
import Link from 'next/link';
import { PageTitle } from '../../components/page-parts.tsx';
import { hub, orNotFound, requireActor } from '../../hub.ts';
import { Explained } from '../explained.tsx';
import { oneText } from '../one-text.ts';

interface ErrorPageProps {
  readonly params: Promise<{ readonly slug: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

async function load({ params, searchParams }: ErrorPageProps) {
  const [actor, { slug }, search] = await Promise.all([requireActor(), params, searchParams]);
  const text = oneText(search['text']);
  return { text, error: await orNotFound(hub().explainError(actor, decodeURIComponent(slug), text)) };
}

export async function generateMetadata(props: ErrorPageProps): Promise<Metadata> {
  return { title: (await load(props)).error.title };
}

/** One error with an address of its own, to be pasted into a ticket. */
export default async function ErrorPage(props: ErrorPageProps) {
  const { error, text } = await load(props);
  return (
    <>
      <PageTitle
        aside={
          <Link href="/errors" className="text-accent underline">
            All errors
          </Link>
        }
      >
        {error.title}
      </PageTitle>
      {text === '' ? null : (
        <p className="pb-4">
          <code className="block max-h-40 overflow-y-auto whitespace-pre-wrap break-words rounded-md border border-line bg-surface px-3 py-2 font-mono text-[13px]">
            {text}
          </code>
        </p>
      )}
      <Explained error={error} />
    </>
  );
}
