'use client';
import Link from 'next/link';
import { useState } from 'react';
import type { AlertRuleView, RulePreview, RulesPreview } from '../../lib/model/index.ts';
import { buttonLook, FormMessage, inputLook } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { formatDuration, formatExact, formatPercent, plural } from '../format/index.ts';
import { RulesExport } from './alerts-export.client.tsx';
import { type Rendered, useFresh } from './use-alerts.client.ts';

export const rulesPath = '/api/v1/alert-rules';
const previewPath = '/api/v1/alert-rules/preview';

const columns = [
  { header: 'Rule', card: 'title' },
  { header: 'State', card: 'state' },
  { header: 'Watches', card: 'labelled' },
  { header: 'After', card: 'labelled' },
  { header: 'Preview', card: 'labelled' },
] as const;

const example = `alerts:
  own:
    hot-memory:
      field: gpu.memory-temperature
      above: 95
      hysteresis: 3
      for: 5m
      severity: warning
      text: Memory runs hot. Tell the room, and move the job if it stays so.
`;

/** What a rule would fire, in words and as lists. */
function PreviewResult({ preview }: { preview: RulePreview }) {
  const { now, nowTotal, isNowKnown, lastDay, afterSeconds } = preview;
  const wait = afterSeconds === 0 ? '' : `, once it held for ${formatDuration(afterSeconds)}`;
  return (
    <div className="grid gap-2 text-sm" data-preview={preview.rule}>
      <div>
        <p className="font-medium">
          {isNowKnown
            ? nowTotal === 0
              ? 'Now: nothing'
              : `Now: ${plural(nowTotal, 'alert')}${wait}`
            : 'Now: what fires of it is on the Firing tab'}
        </p>
        <ul className="grid gap-0.5">
          {now.map(({ what, href }) => (
            <li key={what}>
              <Link href={href} prefetch={false} className="break-words text-accent hover:underline">
                {what}
              </Link>
            </li>
          ))}
          {nowTotal > now.length ? <li className="text-muted">and {nowTotal - now.length} more</li> : null}
        </ul>
      </div>
      <div>
        <p className="font-medium">
          {lastDay.isKept
            ? `Over the last day: ${lastDay.total === 0 ? 'nothing' : plural(lastDay.total, 'alert')}`
            : 'Over the last day: not known'}
        </p>
        <p className="text-muted">{lastDay.note}</p>
        <ul className="grid gap-0.5">
          {lastDay.episodes.map(({ what, from, to }) => (
            <li key={`${what} ${from}`} className="break-words">
              {what}: {formatExact(from)} – {to === null ? 'now' : formatExact(to)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

type Asked = { readonly text: string } | { readonly rule: string };

function usePreview() {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<RulesPreview | null>(null);
  const ask = async (asked: Asked) => {
    setBusy(true);
    const sent = await sendChange<RulesPreview>('POST', previewPath, asked);
    setBusy(false);
    setResult(sent.ok ? sent.value : { faults: [sent.refusal.detail], rules: [], rulesLeftOut: 0 });
  };
  return { busy, result, ask };
}

function RulePreviewButton({ rule }: { rule: string }) {
  const { busy, result, ask } = usePreview();
  return (
    <div className="grid gap-2">
      <button
        type="button"
        disabled={busy}
        aria-label={`What would ${rule} fire?`}
        className={`${buttonLook.plain} justify-self-start whitespace-nowrap`}
        onClick={() => void ask({ rule })}
      >
        {busy ? 'Looking…' : 'What would fire?'}
      </button>
      {result?.rules.map((preview) => (
        <PreviewResult key={preview.rule} preview={preview} />
      ))}
      <FormMessage>
        {result !== null && result.faults.length > 0 ? result.faults.join(' ') : null}
      </FormMessage>
    </div>
  );
}

/** Tries a rule before it is put into the fleet file. */
function TryRule() {
  const { busy, result, ask } = usePreview();
  return (
    <Panel title="Try a rule">
      <form
        className="grid gap-3 px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          void ask({ text: String(new FormData(event.currentTarget).get('text') ?? '') });
        }}
      >
        <label htmlFor="rule-text" className="text-muted">
          As it would stand in the fleet file. Nothing changes here: what is right goes into the file that the
          hub was started with (--fleet-file).
        </label>
        <textarea
          id="rule-text"
          name="text"
          rows={10}
          spellCheck={false}
          defaultValue={example}
          className={`${inputLook} h-auto py-2 font-mono text-[13px]`}
        />
        <button type="submit" disabled={busy} className={`${buttonLook.main} justify-self-start`}>
          {busy ? 'Looking…' : 'What would fire?'}
        </button>
        <FormMessage>
          {result !== null && result.faults.length > 0 ? (
            <span className="grid gap-1">
              {result.faults.map((fault) => (
                <span key={fault} className="break-words">
                  {fault}
                </span>
              ))}
            </span>
          ) : null}
        </FormMessage>
        <div aria-live="polite" className="grid gap-3">
          {result?.rules.map((preview) => (
            <div key={preview.rule} className="grid gap-1 border-line border-t pt-2">
              <p>
                <code className="font-mono text-[13px]">{preview.rule}</code> ({preview.severity}):{' '}
                {preview.watches}
              </p>
              <PreviewResult preview={preview} />
            </div>
          ))}
          {result !== null && result.rulesLeftOut > 0 ? (
            <p className="text-muted">
              {plural(result.rulesLeftOut, 'rule')} more {result.rulesLeftOut === 1 ? 'was' : 'were'} not
              looked at: try fewer at once.
            </p>
          ) : null}
        </div>
      </form>
    </Panel>
  );
}

function scopeWords({ scope }: AlertRuleView): string {
  const parts = [
    ...(scope?.hosts == null ? [] : [`hosts ${scope.hosts.join(', ')}`]),
    ...(scope?.models == null ? [] : [`models ${scope.models.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : ` Only ${parts.join('; ')}.`;
}

function thresholdWords({ value, unit }: NonNullable<AlertRuleView['threshold']>): string {
  if (unit === 'ratio') return formatPercent(value);
  return `${value} ${unit === 'celsius' ? '°C' : unit === 'minutes' ? 'min' : unit}`;
}

function Watches({ rule }: { rule: AlertRuleView }) {
  const { threshold } = rule;
  return (
    <span className="break-words">
      {rule.watches}
      {threshold === null ? '' : ` Threshold: ${thresholdWords(threshold)} (${threshold.says}).`}
      {scopeWords(rule)}
    </span>
  );
}

const stateWords = ({ isOn, severity, isOwn, isChanged }: AlertRuleView): string => {
  const from = isOwn ? 'fleet file' : isChanged ? 'changed by the fleet file' : '';
  return [isOn ? severity : 'off', from].filter(Boolean).join(', ');
};

interface RulesProps {
  readonly first: Rendered<{ readonly items: readonly AlertRuleView[] }>;
  readonly revision: number;
}

/** What the hub watches, as the fleet file wants it, and what each rule would fire. */
export function Rules({ first, revision }: RulesProps) {
  const { value, problem } = useFresh(rulesPath, revision, first);
  const rows = value.items.map((rule) => ({
    key: rule.rule,
    cells: [
      <code key="rule" className="whitespace-nowrap font-mono text-[13px]">
        {rule.rule}
      </code>,
      <span key="state" className={rule.isOn ? undefined : 'text-muted'}>
        {stateWords(rule)}
      </span>,
      <Watches key="watches" rule={rule} />,
      <span key="after" className="whitespace-nowrap">
        {rule.afterSeconds === 0 ? 'at once' : formatDuration(rule.afterSeconds)}
      </span>,
      <RulePreviewButton key="preview" rule={rule.rule} />,
    ],
  }));
  return (
    <div className="grid gap-4">
      {problem === null ? null : (
        <p role="alert" className="text-warn">
          This may be old: {problem}. It is asked for again by itself.
        </p>
      )}
      <div className="flex justify-end">
        <RulesExport rules={value.items} call={rulesPath} />
      </div>
      <Panel>
        <SimpleTable caption="Rules" columns={columns} rows={rows} />
      </Panel>
      <TryRule />
    </div>
  );
}
