'use client';
import { useState } from 'react';
import type { Channel, ChannelTest } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { buttonLook, FormMessage } from '../components/form-parts.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { formatSmallDuration, plural } from '../format/index.ts';
import { ChannelsExport } from './alerts-export.client.tsx';
import { channelKindWords, NewChannel } from './new-channel.client.tsx';
import { type Rendered, useFresh } from './use-alerts.client.ts';

const columns = [
  { header: 'Channel', card: 'title' },
  { header: 'Kind', card: 'state' },
  { header: 'Address', card: 'labelled' },
  { header: 'Last notice', card: 'labelled' },
  { header: 'Actions', card: 'labelled' },
] as const;

/** Sends a notice that says it is a test, and says what came back. */
function TestButton({ channel, done }: { channel: Channel; done: () => void }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ readonly good: boolean; readonly words: string } | null>(null);
  const test = async () => {
    setBusy(true);
    setResult(null);
    const sent = await sendChange<ChannelTest>(
      'POST',
      `/api/v1/channels/${encodeURIComponent(channel.id)}/test`,
    );
    setBusy(false);
    if (!sent.ok) setResult({ good: false, words: sent.refusal.detail });
    else {
      const { delivered, detail, durationSeconds } = sent.value;
      const words = delivered ? `Delivered: ${detail}` : `Not delivered: ${detail}`;
      setResult({ good: delivered, words: `${words} (${formatSmallDuration(durationSeconds)}).` });
    }
    done();
  };
  return (
    <span className="inline-grid gap-1.5">
      <button
        type="button"
        disabled={busy}
        aria-label={`Send a test to ${channel.name}`}
        onClick={() => void test()}
        className={`${buttonLook.plain} justify-self-start`}
      >
        {busy ? 'Sending…' : 'Send a test'}
      </button>
      <FormMessage tone={result?.good === true ? 'good' : 'bad'}>{result?.words ?? null}</FormMessage>
    </span>
  );
}

function kindWords({ kind, signed, options }: Channel): string {
  const { name } = channelKindWords[kind];
  return [
    name,
    ...(kind === 'webhook' ? [signed ? 'signed' : 'not signed'] : []),
    ...(options.severity === 'critical' ? ['critical ones only'] : []),
  ].join(', ');
}

/** Of those that are told again and again: whether it arrives. */
function Standing({ channel, serverTime }: { channel: Channel; serverTime: string }) {
  const { state, failingSince, lastSuccessAt, lastError } = channel.health;
  if (state === 'unused') return <span className="text-muted">nothing yet</span>;
  if (state === 'ok' && lastSuccessAt !== null)
    return (
      <span>
        arrives, last <Age at={lastSuccessAt} serverTime={serverTime} />
      </span>
    );
  return (
    <span className="grid gap-0.5">
      <span className="font-medium text-crit">
        does not arrive
        {failingSince === null ? null : (
          <>
            , <Age at={failingSince} serverTime={serverTime} asDuration />
          </>
        )}
      </span>
      <span className="break-words">{lastError}</span>
    </span>
  );
}

const isStanding = ({ kind }: Channel): boolean => kind === 'alertmanager' || kind === 'heartbeat';

function LastNotice({ channel, serverTime }: { channel: Channel; serverTime: string }) {
  const { last, waiting } = channel;
  const queue = waiting === 0 ? null : <span className="text-warn">{plural(waiting, 'notice')} waiting</span>;
  if (last === null) return queue ?? <span className="text-muted">none yet</span>;
  const { state, attempts, finishedAt, createdAt, lastError, event } = last;
  const words = {
    delivered: `${event}, delivered`,
    'given-up': `${event}, given up`,
    waiting: `${event}, not delivered yet`,
  }[state];
  return (
    <span className="grid gap-0.5">
      <span>
        <span className={state === 'delivered' ? undefined : 'font-medium text-crit'}>{words}</span>{' '}
        <Age at={finishedAt ?? createdAt} serverTime={serverTime} />
        {attempts > 1 ? `, ${attempts} attempts` : ''}
      </span>
      {lastError === null ? null : <span className="break-words">{lastError}</span>}
      {queue}
    </span>
  );
}

export const channelsPath = '/api/v1/channels';

interface ChannelsProps {
  readonly first: Rendered<{ readonly items: readonly Channel[] }>;
  readonly revision: number;
  readonly serverTime: string;
}

/** Where alerts are sent. For administrators only. */
export function Channels({ first, revision, serverTime }: ChannelsProps) {
  const { value, problem, refresh } = useFresh(channelsPath, revision, first);
  const rows = value.items.map((channel) => ({
    key: channel.id,
    cells: [
      <span key="name" className="font-medium">
        {channel.name}
      </span>,
      kindWords(channel),
      <code key="address" className="min-w-0 break-all font-mono text-[13px]">
        {channel.address}
      </code>,
      isStanding(channel) ? (
        <Standing key="last" channel={channel} serverTime={serverTime} />
      ) : (
        <LastNotice key="last" channel={channel} serverTime={serverTime} />
      ),
      <span key="actions" className="flex flex-wrap items-start gap-2">
        <TestButton channel={channel} done={refresh} />
        {channel.source === 'settings' ? (
          <span className="self-center text-muted">from the hub’s settings (--webhook)</span>
        ) : (
          <Confirm
            label="Remove…"
            ariaLabel={`Remove ${channel.name}`}
            title={`Remove ${channel.name}?`}
            action="Remove"
            work={() => sendChange('DELETE', `/api/v1/channels/${encodeURIComponent(channel.id)}`)}
            done={refresh}
          >
            Nothing is sent there any more; {plural(channel.waiting, 'notice')} that wait
            {channel.waiting === 1 ? 's' : ''} for it {channel.waiting === 1 ? 'is' : 'are'} dropped.
          </Confirm>
        )}
      </span>,
    ],
  }));
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 pb-3">
        <NewChannel done={refresh} />
        <button type="button" className={buttonLook.plain} onClick={refresh}>
          Look again
        </button>
        <span className="ml-auto">
          <ChannelsExport channels={value.items} call={channelsPath} />
        </span>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          This may be old: {problem}. It is asked for again by itself.
        </p>
      )}
      <Panel>
        {rows.length === 0 ? (
          <Empty title="Alerts are shown here and told to nobody">
            Add a channel, and the hub tells it what fires: a chat, a mail address, a pager, an Alertmanager,
            or a program of yours.
          </Empty>
        ) : (
          <SimpleTable caption="Channels" columns={columns} rows={rows} />
        )}
      </Panel>
    </>
  );
}
