'use client';
import { useEffect, useState } from 'react';
import type { CompatGroup, CompatPlanView } from '../../lib/model/index.ts';
import { buttonLook, inputLook } from '../components/form-parts.tsx';
import { Panel } from '../components/page-parts.tsx';
import { pushInUrl, useUrlText } from '../components/url-state.client.ts';
import { PlanResult } from './plan-result.tsx';
import { useAnswer } from './use-answer.client.ts';

const all = '*';

/** What is asked for; null: nothing is planned. */
function bodyOf(group: string, driver: string, toolkit: string): string | null {
  if (group === '') return null;
  return JSON.stringify({
    ...(group === all ? {} : { group: [group] }),
    ...(driver === '' ? {} : { driver }),
    ...(toolkit === '' ? {} : { toolkit }),
  });
}

/** "What if this group had driver X, or toolkit Y"; the plan is in the address. */
export function Plan({ groups }: { groups: readonly CompatGroup[] }) {
  const [group] = useUrlText('plan');
  const [driver] = useUrlText('driver');
  const [toolkit] = useUrlText('toolkit');
  const [draft, setDraft] = useState({ group, driver, toolkit });
  useEffect(() => setDraft({ group, driver, toolkit }), [group, driver, toolkit]);
  const answer = useAnswer<CompatPlanView>('/api/v1/compat/plan', bodyOf(group, driver, toolkit));
  const { refusal, value } = answer;
  const text = (name: 'driver' | 'toolkit', label: string, placeholder: string) => (
    <div className="min-w-0 flex-1 basis-36">
      <label htmlFor={`plan-${name}`} className="mb-1 block text-muted">
        {label}
      </label>
      <input
        id={`plan-${name}`}
        value={draft[name]}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
        placeholder={placeholder}
        maxLength={64}
        autoComplete="off"
        aria-invalid={refusal?.fields[name] !== undefined}
        className={inputLook}
      />
    </div>
  );
  return (
    <Panel title="Plan an upgrade" className="mt-4">
      <form
        className="flex flex-wrap items-end gap-2 px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          const { group: wanted, driver: other, toolkit: newer } = draft;
          pushInUrl({ plan: wanted === '' ? all : wanted, driver: other.trim(), toolkit: newer.trim() });
        }}
      >
        <div className="min-w-0 flex-1 basis-40">
          <label htmlFor="plan-group" className="mb-1 block text-muted">
            What if
          </label>
          <select
            id="plan-group"
            value={draft.group === '' ? all : draft.group}
            onChange={(event) => setDraft({ ...draft, group: event.target.value })}
            className={inputLook}
          >
            <option value={all}>all groups</option>
            {groups.map((each) => (
              <option key={each.group} value={each.group}>
                {each.group}
              </option>
            ))}
          </select>
        </div>
        {text('driver', 'had driver', '580.95.05')}
        {text('toolkit', 'and toolkit', '1.18.0')}
        <button type="submit" className={buttonLook.main}>
          Plan
        </button>
      </form>
      <div aria-live="polite">
        {refusal === null ? null : (
          <p className="border-t border-line px-4 py-3 text-crit">
            {refusal.fields['driver'] ?? refusal.fields['toolkit'] ?? refusal.detail}
          </p>
        )}
        {value === null ? null : <PlanResult plan={value} />}
      </div>
    </Panel>
  );
}
