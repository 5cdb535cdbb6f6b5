'use client';
import { useEffect, useState } from 'react';
import type { CaptureView } from '../../../lib/model/index.ts';
import { buttonLook, FormMessage } from '../../components/form-parts.tsx';
import { sendChange } from '../../components/send.client.ts';
import { formatBytes } from '../../format/index.ts';

const pollMilliseconds = 2000;

async function look(path: string, signal: AbortSignal): Promise<CaptureView | null> {
  const answer = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
  return answer.ok ? ((await answer.json()) as CaptureView) : null;
}

/** Follows the capture that was asked for last, by whomever, until it is there or has failed. */
function useCapture(path: string): readonly [CaptureView | null, (view: CaptureView) => void] {
  const [view, setView] = useState<CaptureView | null>(null);
  const isAwaited = view === null || view.state === 'asked';
  useEffect(() => {
    if (!isAwaited) return;
    const abort = new AbortController();
    const ask = () =>
      look(path, abort.signal).then(
        (next) => next !== null && setView(next),
        () => undefined,
      );
    void ask();
    const timer = setInterval(() => void ask(), pollMilliseconds);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [path, isAwaited]);
  return [view, setView];
}

/** Gets a masked recording of the host from its agent, to attach to a bug report. */
export function CaptureButton({ hostId }: { hostId: string }) {
  const path = `/api/v1/hosts/${encodeURIComponent(hostId)}/capture`;
  const [view, setView] = useCapture(path);
  const [refusal, setRefusal] = useState<string | null>(null);
  const ask = async () => {
    setRefusal(null);
    const sent = await sendChange<CaptureView>('POST', path);
    if (sent.ok) setView(sent.value);
    else setRefusal(sent.refusal.detail);
  };
  const { state = 'none', bytes = null, path: file = null, message = null } = view ?? {};
  return (
    <div className="grid gap-2 px-4 py-3">
      <p className="max-w-prose text-muted">
        A capture holds what nvidia-smi and its neighbours print on this host, for a bug report. Names of
        hosts and people, serial numbers, uuids, addresses and secrets are masked on the host before it is
        sent; it is kept here for 15 minutes.
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <button
          type="button"
          className={buttonLook.plain}
          disabled={state === 'asked'}
          onClick={() => void ask()}
        >
          {state === 'asked'
            ? 'The agent is asked…'
            : state === 'ready'
              ? 'Take another'
              : 'Take a masked capture'}
        </button>
        {state === 'ready' && file !== null ? (
          <a href={file} download className="text-accent underline">
            Download the capture ({formatBytes(bytes ?? 0)})
          </a>
        ) : null}
        <span role="status" className="text-muted">
          {state === 'asked' ? 'It comes with one of its next reports, and takes up to a minute.' : ''}
          {state === 'ready' ? 'It is here.' : ''}
        </span>
      </div>
      <FormMessage>{refusal ?? message}</FormMessage>
    </div>
  );
}
