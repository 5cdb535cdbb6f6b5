import Form from 'next/form';
import Link from 'next/link';
import type { AuditPage } from '../../lib/hub/people-views.ts';
import { ExactTime } from '../components/exact-time.client.tsx';
import { buttonLook, inputLook } from '../components/form-parts.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { type AuditFilter, auditHref } from './audit-filter.ts';
import { AuditExport } from './settings-exports.client.tsx';

const fields = [
  ['actor', 'Who'],
  ['action', 'Did what'],
  ['subject', 'To what'],
] as const;

const columns = [
  { header: 'When', card: 'state' },
  { header: 'Who', card: 'title' },
  { header: 'Did what', card: 'labelled' },
  { header: 'To what', card: 'labelled' },
  { header: 'Before', card: 'labelled' },
  { header: 'After', card: 'labelled' },
] as const;

interface AuditTabProps {
  readonly page: AuditPage;
  readonly filter: AuditFilter;
}

function Filters({ filter }: { filter: AuditFilter }) {
  const isFiltered = fields.some(([name]) => filter[name] !== undefined);
  return (
    <Form
      action="/settings"
      prefetch={false}
      // Another filter in the address fills the boxes anew.
      key={JSON.stringify(filter)}
      className="flex flex-wrap items-end gap-2"
    >
      <input type="hidden" name="tab" value="audit" />
      {fields.map(([name, words]) => (
        <label key={name} className="w-44 max-w-full text-muted">
          {words}
          <input
            type="search"
            name={name}
            defaultValue={filter[name] ?? ''}
            className={`${inputLook} mt-0.5 text-text`}
          />
        </label>
      ))}
      <button type="submit" className={`${buttonLook.plain} h-9`}>
        Filter
      </button>
      {isFiltered ? (
        <Link href={auditHref({})} prefetch={false} className="self-center px-1 text-accent underline">
          Show all
        </Link>
      ) : null}
    </Form>
  );
}

/** A word of an entry that shows all entries with it. */
function Narrow({ filter, name, text }: { filter: AuditFilter; name: keyof AuditFilter; text: string }) {
  const { cursor: _, ...rest } = filter;
  return (
    <Link
      href={auditHref({ ...rest, [name]: text })}
      prefetch={false}
      className="break-words hover:underline"
      title={`Only entries with this: ${text}`}
    >
      {text}
    </Link>
  );
}

function Detail({ text }: { text: string | null }) {
  if (text === null) return <span className="text-faint">—</span>;
  return <span className="min-w-0 break-words">{text}</span>;
}

function Entries({ page, filter }: AuditTabProps) {
  if (page.items.length === 0)
    return (
      <Empty title="No entry">
        {filter.cursor === undefined ? 'Nothing in the log has all of these words.' : 'The log ends here.'}
      </Empty>
    );
  const rows = page.items.map((entry) => ({
    key: String(entry.id),
    cells: [
      <ExactTime key="at" at={entry.at} />,
      <Narrow key="actor" filter={filter} name="actor" text={entry.actor} />,
      <code key="action" className="font-mono text-[13px]">
        <Narrow filter={filter} name="action" text={entry.action} />
      </code>,
      <Narrow key="subject" filter={filter} name="subject" text={entry.subject} />,
      <Detail key="before" text={entry.before} />,
      <Detail key="after" text={entry.after} />,
    ],
  }));
  return <SimpleTable caption="Audit log" columns={columns} rows={rows} />;
}

/** Who changed what, the newest first, a page at a time. */
export function AuditTab({ page, filter }: AuditTabProps) {
  const { cursor, ...rest } = filter;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <Filters filter={rest} />
        <AuditExport entries={page.items} filter={filter} />
      </div>
      <Panel>
        <Entries page={page} filter={filter} />
      </Panel>
      <div className="flex gap-4">
        {cursor === undefined ? null : (
          <Link href={auditHref(rest)} prefetch={false} className="text-accent underline">
            Newest
          </Link>
        )}
        {page.nextCursor === null ? null : (
          <Link
            href={auditHref({ ...rest, cursor: page.nextCursor })}
            prefetch={false}
            className="text-accent underline"
          >
            Older
          </Link>
        )}
      </div>
    </div>
  );
}
