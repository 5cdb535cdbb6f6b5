'use client';
import type { AlertRuleView, SilenceView } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Field } from '../components/form-parts.tsx';
import { usePageFacts } from '../components/page-facts.client.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { formatExact, plural } from '../format/index.ts';
import { mayDo } from '../places.ts';
import { useIsHydrated } from '../stream/hooks.client.ts';
import { ActButton } from './alert-actions.client.tsx';
import { SilencesExport } from './alerts-export.client.tsx';
import { FormDialog, LengthField } from './dialog.client.tsx';
import { type Rendered, useFresh } from './use-alerts.client.ts';

const columns = [
  { header: 'Hosts', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'Keeps quiet', card: 'labelled' },
  { header: 'Ends', card: 'labelled' },
  { header: 'Reason', card: 'labelled' },
  { header: 'By', card: 'labelled' },
  { header: 'Actions', card: 'labelled' },
] as const;

const wordsOf = (text: unknown): readonly string[] =>
  String(text ?? '')
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter(Boolean);

function NewSilence({
  kind,
  rules,
  done,
}: {
  kind: 'silence' | 'maintenance';
  rules: readonly AlertRuleView[];
  done: () => void;
}) {
  const isMaintenance = kind === 'maintenance';
  return (
    <FormDialog
      label={isMaintenance ? 'Start maintenance…' : 'New silence…'}
      look="plain"
      title={isMaintenance ? 'Start maintenance' : 'New silence'}
      description={
        isMaintenance
          ? 'These hosts are shown as in maintenance, and nobody is told of their alerts. What still holds when it ends is told then.'
          : 'Nobody is told of these alerts while it lasts. What still holds when it ends is told then.'
      }
      action={isMaintenance ? 'Start' : 'Silence'}
      send={(form) =>
        sendChange('POST', '/api/v1/silences', {
          kind,
          hosts: wordsOf(form.get('hosts')),
          rule: form.get('rule') || null,
          matchers: wordsOf(form.get('matchers')),
          reason: form.get('reason'),
          forSeconds: Number(form.get('forSeconds')),
        })
      }
      done={done}
    >
      {(fields) => (
        <>
          <Field
            name="hosts"
            label="Hosts"
            required
            hint="Hostnames (* and ? match), ids, group=… or label key=value, joined by commas"
            error={fields['hosts']}
          />
          {isMaintenance ? null : (
            <div>
              <label htmlFor="rule" className="mb-1 block font-medium">
                Rule
              </label>
              <select
                id="rule"
                name="rule"
                className="h-9 max-w-full rounded-md border border-line-strong bg-surface px-2"
              >
                <option value="">every rule</option>
                {rules.map(({ rule }) => (
                  <option key={rule} value={rule}>
                    {rule}
                  </option>
                ))}
              </select>
            </div>
          )}
          {isMaintenance ? null : (
            <Field
              name="matchers"
              label="Only alerts with"
              hint="gpu=3, uuid=…, xid!=79, severity=warning, cause=…; all of them, joined by commas"
              error={fields['matchers']}
            />
          )}
          <LengthField />
          <Field name="reason" label="Reason" maxLength={1000} error={fields['reason']} />
        </>
      )}
    </FormDialog>
  );
}

function Matches({ silence }: { silence: SilenceView }) {
  const names = silence.matches.map(({ hostname }) => hostname);
  return (
    <span className="min-w-0 break-words">
      <code className="font-mono text-[13px]">{silence.hosts.join(', ')}</code>{' '}
      <span className="text-muted" title={names.join(', ')}>
        {names.length === 1 ? names[0] : names.length === 0 ? 'no host now' : plural(names.length, 'host')}
      </span>
    </span>
  );
}

export const silencesPath = '/api/v1/silences';

interface SilencesProps {
  readonly first: Rendered<{ readonly items: readonly SilenceView[] }>;
  readonly rules: readonly AlertRuleView[];
  readonly revision: number;
  readonly serverTime: string;
}

function Table({
  items,
  serverTime,
  done,
}: {
  items: readonly SilenceView[];
  serverTime: string;
  done: () => void;
}) {
  const { role } = usePageFacts();
  const hydrated = useIsHydrated();
  const rows = items.map((silence) => {
    const { id, kind, rule, matchers, state, endsAt, endedAt, endedBy, reason, createdBy, createdAt } =
      silence;
    const isOver = state === 'over';
    return {
      key: id,
      cells: [
        <Matches key="hosts" silence={silence} />,
        <span key="state" className={isOver ? 'text-faint' : 'font-medium'}>
          {kind === 'maintenance' ? `maintenance, ${state}` : state}
        </span>,
        [rule ?? 'every rule', ...matchers].join(', '),
        <time key="ends" dateTime={endedAt ?? endsAt} className="min-w-0">
          {formatExact(endedAt ?? endsAt, hydrated ? undefined : 'UTC')}
          {endedAt === null ? '' : ` (early, ${endedBy})`}
        </time>,
        reason ?? '—',
        <span key="by">
          {createdBy}, <Age at={createdAt} serverTime={serverTime} />
        </span>,
        isOver || !mayDo(role, 'operator') ? null : (
          <ActButton
            key="end"
            label="End now"
            ariaLabel={`End the ${kind} of ${silence.hosts.join(', ')} now`}
            send={() => sendChange('DELETE', `/api/v1/silences/${encodeURIComponent(id)}`)}
            done={done}
          />
        ),
      ],
    };
  });
  return <SimpleTable caption="Silences and maintenance" columns={columns} rows={rows} />;
}

/** What keeps alerts quiet, now, planned and lately. */
export function Silences({ first, rules, revision, serverTime }: SilencesProps) {
  const { role } = usePageFacts();
  const { value, problem, refresh } = useFresh(silencesPath, revision, first);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 pb-3">
        {mayDo(role, 'operator') ? (
          <>
            <NewSilence kind="maintenance" rules={rules} done={refresh} />
            <NewSilence kind="silence" rules={rules} done={refresh} />
          </>
        ) : (
          <p className="text-muted">Operators start and end these.</p>
        )}
        <span className="ml-auto">
          <SilencesExport silences={value.items} call={silencesPath} />
        </span>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          This may be old: {problem}. It is asked for again by itself.
        </p>
      )}
      <Panel>
        {value.items.length === 0 ? (
          <Empty title="Nothing is silenced, no host is in maintenance">
            Before you work on hosts:{' '}
            <code className="font-mono">gpufleet hub maintenance HOSTS --for 2h</code>, or here. Nobody is
            told of what happens to them meanwhile.
          </Empty>
        ) : (
          <Table items={value.items} serverTime={serverTime} done={refresh} />
        )}
      </Panel>
    </>
  );
}
