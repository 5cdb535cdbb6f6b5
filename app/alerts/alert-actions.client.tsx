'use client';
import Link from 'next/link';
import { useState } from 'react';
import type { Alert } from '../../lib/model/index.ts';
import { buttonLook, Field, FormMessage } from '../components/form-parts.tsx';
import { usePageFacts } from '../components/page-facts.client.tsx';
import { type Sent, sendChange } from '../components/send.client.ts';
import { mayDo } from '../places.ts';
import { FormDialog, LengthField } from './dialog.client.tsx';

/** Hosts by id, so that a renamed one stays quiet; all of them where it is about all. */
const silencedHosts = ({ hosts }: Alert): readonly string[] => hosts.map(({ id }) => id);

/** Of one GPU only where it is about one: the same fault of another GPU is news. By uuid, since numbers change at a restart. */
function gpuMatchers({ labels = {} }: Alert): readonly string[] {
  const { uuid, gpu } = labels;
  if (uuid !== undefined) return [`uuid=${uuid}`];
  return gpu === undefined ? [] : [`gpu=${gpu}`];
}

const nameOf = (alert: Alert): string =>
  alert.hosts.length === 1 ? (alert.hosts[0]?.hostname ?? '') : alert.cause;

function Silence({ alert, done }: { alert: Alert; done: () => void }) {
  return (
    <FormDialog
      label="Silence…"
      ariaLabel={`Silence: ${alert.what}`}
      title={`Silence ${nameOf(alert)}`}
      description="Nobody is told of this while it lasts. What still holds when it ends is told then."
      action="Silence"
      send={(form) =>
        sendChange('POST', '/api/v1/silences', {
          kind: 'silence',
          hosts: silencedHosts(alert),
          rule: alert.rule,
          matchers: gpuMatchers(alert),
          reason: form.get('reason'),
          forSeconds: Number(form.get('forSeconds')),
        })
      }
      done={done}
    >
      {(fields) => (
        <>
          <LengthField />
          <Field name="reason" label="Reason" maxLength={1000} error={fields['reason']} />
        </>
      )}
    </FormDialog>
  );
}

function Acknowledge({ alert, done }: { alert: Alert; done: () => void }) {
  return (
    <FormDialog
      label="Acknowledge…"
      ariaLabel={`Acknowledge: ${alert.what}`}
      title={`Acknowledge ${nameOf(alert)}`}
      description="Says to everyone that you have seen it. It stays on this page until it is over."
      action="Acknowledge"
      send={(form) =>
        sendChange('POST', `/api/v1/alerts/${encodeURIComponent(alert.id)}/acknowledge`, {
          note: form.get('note'),
        })
      }
      done={done}
    >
      {(fields) => (
        <Field
          name="note"
          label="Note"
          hint="What you found, or who works on it"
          maxLength={1000}
          error={fields['note']}
        />
      )}
    </FormDialog>
  );
}

interface ActButtonProps {
  readonly label: string;
  readonly ariaLabel: string;
  readonly send: () => Promise<Sent<unknown>>;
  readonly done: () => void;
}

/** Done at once; what the hub refuses is said beside it. */
export function ActButton({ label, ariaLabel, send, done }: ActButtonProps) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const act = async () => {
    setBusy(true);
    const sent = await send();
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal.detail);
    if (sent.ok) done();
  };
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <button
        type="button"
        aria-label={ariaLabel}
        disabled={busy}
        onClick={() => void act()}
        className={buttonLook.plain}
      >
        {label}
      </button>
      <FormMessage>{refusal}</FormMessage>
    </span>
  );
}

/** What an operator can do about an alert; nothing for those who may not, and for one that is over. */
export function AlertActions({ alert, done }: { alert: Alert; done: () => void }) {
  const { role } = usePageFacts();
  if (!mayDo(role, 'operator') || alert.phase === 'resolved') return null;
  const { quiet, acknowledged, id } = alert;
  return (
    <div className="flex flex-wrap gap-2">
      {acknowledged === null ? (
        <Acknowledge alert={alert} done={done} />
      ) : (
        <ActButton
          label="Take back"
          ariaLabel={`Take the acknowledgement back: ${alert.what}`}
          send={() => sendChange('DELETE', `/api/v1/alerts/${encodeURIComponent(id)}/acknowledge`)}
          done={done}
        />
      )}
      {quiet === null ? (
        <Silence alert={alert} done={done} />
      ) : (
        <Link
          href="/alerts?tab=silences"
          prefetch={false}
          className="self-center text-accent hover:underline"
        >
          {quiet.kind === 'maintenance' ? 'The maintenance' : 'The silence'}
        </Link>
      )}
    </div>
  );
}
