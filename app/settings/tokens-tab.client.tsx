'use client';
import { useRouter } from 'next/navigation';
import type { TokenView } from '../../lib/hub/people-views.ts';
import { Age } from '../components/age.client.tsx';
import { Confirm } from '../components/confirm.client.tsx';
import { ExactTime } from '../components/exact-time.client.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { sendChange } from '../components/send.client.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { plural } from '../format/index.ts';
import { NewTokenPanel } from './new-token-panel.client.tsx';
import { TokensExport } from './settings-exports.client.tsx';

const columns = [
  { header: 'Name', card: 'title' },
  { header: 'For', card: 'labelled' },
  { header: 'Made by' },
  { header: 'Last used', card: 'labelled' },
  { header: 'Expires', card: 'labelled' },
  { header: 'Action', align: 'right', card: 'state' },
] as const;

function purposeOf({ kind, role, labels }: TokenView): string {
  if (kind === 'api') return `API, as ${role}`;
  if (kind === 'scrape') return 'reading /metrics';
  const given = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `enrolling hosts${given.length === 0 ? '' : `, with ${given.join(', ')}`}`;
}

const afterwards: Readonly<Record<TokenView['kind'], string>> = {
  api: 'Scripts that use it are refused at once.',
  scrape: 'A Prometheus that uses it is refused at its next scrape.',
  enroll: 'It enrols no more hosts. Those that it enrolled have credentials of their own and stay.',
};

function Tokens({ tokens, serverTime }: TokensTabProps) {
  const router = useRouter();
  const now = Date.parse(serverTime);
  if (tokens.length === 0)
    return (
      <Empty title="There are no tokens">
        Machines use them: a Prometheus on another machine, a script, an agent that enrols.
      </Empty>
    );
  const rows = tokens.map((token) => ({
    key: token.id,
    cells: [
      <span key="name" className="min-w-0 break-words">
        {token.name}
      </span>,
      purposeOf(token),
      token.createdBy,
      token.kind === 'enroll' ? (
        <span key="used" className="text-faint" title="not kept for enrolment">
          —
        </span>
      ) : (
        <Age key="used" at={token.lastUsedAt} serverTime={serverTime} />
      ),
      token.expiresAt === null ? (
        'when removed'
      ) : (
        <span key="expires" className={Date.parse(token.expiresAt) < now ? 'text-warn' : undefined}>
          {Date.parse(token.expiresAt) < now ? 'expired ' : ''}
          <ExactTime at={token.expiresAt} />
        </span>
      ),
      <Confirm
        key="remove"
        label="Remove"
        ariaLabel={`Remove the token ${token.name}`}
        title={`Remove the token ${token.name}?`}
        action="Remove"
        work={() => sendChange('DELETE', `/api/v1/tokens/${token.id}`)}
        done={() => router.refresh()}
      >
        {afterwards[token.kind]}
      </Confirm>,
    ],
  }));
  return <SimpleTable caption="Tokens" columns={columns} rows={rows} />;
}

interface TokensTabProps {
  readonly tokens: readonly TokenView[];
  readonly serverTime: string;
}

/** By what machines come in. */
export function TokensTab({ tokens, serverTime }: TokensTabProps) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <Panel title={plural(tokens.length, 'token')} aside={<TokensExport tokens={tokens} />}>
        <Tokens tokens={tokens} serverTime={serverTime} />
      </Panel>
      <NewTokenPanel />
    </div>
  );
}
