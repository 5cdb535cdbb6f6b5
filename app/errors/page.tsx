import type { Metadata } from 'next';
import Link from 'next/link';
import { buttonLook } from '../components/form-parts.tsx';
import { PageTitle, Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { plural } from '../format/index.ts';
import { hub, requireActor } from '../hub.ts';
import { oneText } from './one-text.ts';

export const metadata: Metadata = { title: 'Errors' };

interface ErrorsPageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

interface Row {
  readonly slug: string;
  readonly title: string;
  readonly says: readonly string[];
  readonly hosts?: readonly unknown[];
}

const columns = [
  { header: 'Error', card: 'title' },
  { header: 'As printed', card: 'labelled' },
] as const;
const hostsColumn = { header: 'Hosts', card: 'labelled' } as const;

function ErrorTable({ rows, text }: { rows: readonly Row[]; text: string }) {
  const query = text === '' ? '' : `?${new URLSearchParams({ text })}`;
  return (
    <SimpleTable
      caption="Errors"
      columns={rows.some(({ hosts }) => hosts !== undefined) ? [...columns, hostsColumn] : columns}
      rows={rows.map(({ slug, title, says, hosts }) => ({
        key: slug,
        cells: [
          <Link key="title" href={`/errors/${slug}${query}`} className="text-accent underline">
            {title}
          </Link>,
          <code key="says" className="break-words font-mono text-[13px]">
            {says[0]}
          </code>,
          ...(hosts === undefined ? [] : [plural(hosts.length, 'host')]),
        ],
      }))}
    />
  );
}

/** Takes an error text, and lists what is known. */
export default async function ErrorsPage({ searchParams }: ErrorsPageProps) {
  const [actor, search] = await Promise.all([requireActor(), searchParams]);
  const text = oneText(search['text']);
  const [found, known] = await Promise.all([hub().explainText(actor, text), hub().listKnownErrors(actor)]);
  return (
    <>
      <PageTitle aside="what it means, what to do, and which hosts have it">Errors</PageTitle>
      <form method="get" action="/errors" className="grid gap-2 pb-4">
        <label htmlFor="text" className="font-medium">
          Error text, as a tool printed it
        </label>
        <textarea
          id="text"
          name="text"
          rows={3}
          maxLength={4000}
          defaultValue={text}
          placeholder={'Failed to initialize NVML: Driver/library version mismatch'}
          className="w-full rounded-md border border-line-strong bg-surface px-2.5 py-2 font-mono text-[13px]"
        />
        <div>
          <button type="submit" className={buttonLook.main}>
            Explain
          </button>
        </div>
      </form>
      {text === '' ? null : (
        <Panel title={found.length === 0 ? 'Not known' : 'It says'} className="mb-4">
          {found.length === 0 ? (
            <p className="max-w-prose px-4 py-3 text-muted">
              This text is none that is known here. Xid lines of the kernel log, texts of nvidia-smi, CUDA,
              Docker and the container toolkit are; paste the line itself.
            </p>
          ) : (
            <ErrorTable rows={found} text={text} />
          )}
        </Panel>
      )}
      <Panel title="Every error that is known here" aside="and every Xid: Xid 79 …">
        <ErrorTable rows={known} text="" />
      </Panel>
    </>
  );
}
