'use client';
import clsx from 'clsx';
import { Download } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useId, useState } from 'react';
import { csvFileName } from '../export/csv.ts';
import { curlLine } from '../export/curl.ts';
import type { PromqlChoice } from '../export/promql.ts';
import { useSearchAction } from '../search/registry.client.ts';
import { CopyButton } from './copy-button.client.tsx';
import { usePageFacts } from './page-facts.client.tsx';

export interface ApiCall {
  readonly label: string;
  readonly path: string;
}

export interface ExportMenuProps {
  /** What is exported, in the file's name and for readers: `hosts`, `gpu-01 GPU 3 power`. */
  readonly name: string;
  /** Makes the CSV when it is asked for: toCsv() of what is shown now, filtered and sorted as it is shown. */
  readonly csv: () => string;
  /** The API call that gives the same: path and query (apiPath()), or one of several. Null: there is none. */
  readonly call: string | readonly ApiCall[] | null;
  /** Where numbers are metrics: the expressions that give the same from /metrics. */
  readonly promql?: readonly PromqlChoice[];
  /** Only the icon, for charts and small panels. */
  readonly isSmall?: boolean;
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Line({ text, testId }: { text: string; testId: string }) {
  return (
    <div className="mt-1 flex items-start gap-2">
      <code
        data-testid={testId}
        className="min-w-0 flex-1 self-center whitespace-pre-wrap break-all rounded-sm bg-raised px-1.5 py-1 font-mono text-xs"
      >
        {text}
      </code>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}

interface Form {
  readonly label: string;
  readonly text: string;
}

/** One of several lines of text, chosen by what it gives. */
function Forms({ title, forms, testId }: { title: string; forms: readonly Form[]; testId: string }) {
  const id = useId();
  const [at, setAt] = useState(0);
  const chosen = forms[at] ?? forms[0];
  if (chosen === undefined) return null;
  return (
    <>
      <div className="flex items-baseline justify-between gap-2">
        <h2 className="font-medium">{title}</h2>
        {forms.length === 1 ? (
          <span className="text-muted">{chosen.label}</span>
        ) : (
          <label htmlFor={id} className="inline-flex items-center gap-1.5 text-muted">
            for
            <select
              id={id}
              value={at}
              onChange={(event) => setAt(Number(event.target.value))}
              className="h-7 rounded-md border border-line bg-surface px-1 text-text"
            >
              {forms.map(({ label }, index) => (
                <option key={label} value={index}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Line text={chosen.text} testId={testId} />
    </>
  );
}

function Curl({ calls }: { calls: readonly ApiCall[] }) {
  const { hasOwnAuthority } = usePageFacts();
  const { origin } = location;
  const isPrivate = hasOwnAuthority && origin.startsWith('https:');
  const forms = calls.map(({ label, path }) => ({
    label,
    text: curlLine({ origin, hasOwnAuthority }, path),
  }));
  return (
    <section>
      <Forms title="curl" forms={forms} testId="export-curl" />
      <p className="mt-1 text-xs text-muted">
        TOKEN is an API token; <code className="font-mono">gpufleet hub token create --kind api</code> makes
        one.
        {isPrivate ? (
          <>
            {' '}
            ca.pem is <code className="font-mono">{origin}/agent/ca.pem</code>.
          </>
        ) : null}
      </p>
    </section>
  );
}

/**
 * Offers what a table or chart shows in other forms: CSV of exactly what is shown, the API call as a curl line, and
 * PromQL where it is a metric. Stands beside the title or filter of what it is for.
 */
export function ExportMenu({ name, csv, call, promql = [], isSmall = false }: ExportMenuProps) {
  const save = () => saveFile(csvFileName(name, new Date()), csv());
  useSearchAction({
    id: `export ${name}`,
    label: `Export ${name} as CSV`,
    detail: 'of this page, as it is shown',
    role: 'viewer',
    run: () => {
      save();
      return undefined;
    },
  });
  const calls = typeof call === 'string' ? [{ label: '', path: call }] : (call ?? []);
  return (
    <Popover.Root>
      <Popover.Trigger
        title={`Export ${name}`}
        className={clsx(
          'inline-flex shrink-0 items-center gap-1.5 rounded-md text-muted hover:bg-raised hover:text-text',
          isSmall ? 'size-6 justify-center' : 'h-8 border border-line bg-surface px-2.5',
        )}
      >
        <Download className="size-3.5" aria-hidden />
        <span className={clsx(isSmall && 'sr-only')}>Export{isSmall ? ` ${name}` : ''}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={`Export ${name}`}
          className="z-40 grid max-h-(--radix-popover-content-available-height) w-[min(30rem,calc(100vw-1rem))] gap-3 overflow-y-auto rounded-lg border border-line bg-surface p-3 shadow-lg"
        >
          <button
            type="button"
            onClick={save}
            className="inline-flex h-8 w-fit items-center gap-1.5 rounded-md bg-accent px-3 font-medium text-accent-text"
          >
            <Download className="size-3.5" aria-hidden />
            Download CSV
          </button>
          {calls.length === 0 ? null : <Curl calls={calls} />}
          {promql.length === 0 ? null : (
            <section>
              <Forms
                title="PromQL"
                forms={promql.map(({ label, expression }) => ({ label, text: expression }))}
                testId="export-promql"
              />
            </section>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
