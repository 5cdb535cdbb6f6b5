'use client';
import { useState } from 'react';
import type { HostDetail } from '../../../lib/model/index.ts';
import { ExactTime } from '../../components/exact-time.client.tsx';
import { buttonLook, FormMessage } from '../../components/form-parts.tsx';
import { usePageFacts } from '../../components/page-facts.client.tsx';
import { sendChange } from '../../components/send.client.ts';
import { mayDo } from '../../places.ts';
import { PauseForm } from '../pause.client.tsx';

function Resume({ id }: { id: string }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const resume = async () => {
    setBusy(true);
    const sent = await sendChange('POST', '/api/v1/pauses/end', { hosts: [id] });
    setBusy(false);
    setRefusal(sent.ok ? null : sent.refusal.detail);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void resume()} className={buttonLook.plain}>
        Resume
      </button>
      <FormMessage>{refusal}</FormMessage>
    </>
  );
}

/** What people asked of this host's agent, and the way to ask. */
export function HostPause({ host }: { host: HostDetail }) {
  const { role } = usePageFacts();
  const mayAct = mayDo(role, 'operator');
  const { askedPause: asked } = host;
  if (asked === null) {
    if (!mayAct || host.state === 'gone') return null;
    return (
      <p>
        <PauseForm
          hosts={[host.id]}
          label="Pause…"
          title={`Pause ${host.hostname}?`}
          done={() => undefined}
        />
      </p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1" data-testid="asked-pause">
      <span>
        {host.state === 'paused'
          ? 'Paused from here'
          : 'Asked to pause; its agent does so with its next report'}{' '}
        until <ExactTime at={asked.until} />, by {asked.by}
        {asked.reason === null ? '' : `: ${asked.reason}`}
      </span>
      {mayAct ? <Resume id={host.id} /> : null}
    </div>
  );
}
