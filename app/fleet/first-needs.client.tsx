'use client';
import type { AlertTally, AttentionItem } from '../../lib/model/index.ts';
import { useAlertTally } from '../alerts/use-alerts.client.ts';
import { NeedsYou } from './needs-you.client.tsx';
import { useAttention } from './use-attention.client.ts';

const none: readonly never[] = [];

interface FirstNeedsProps {
  readonly first: readonly AttentionItem[];
  readonly firstAlerts: AlertTally;
  readonly serverTime: string;
  readonly read: () => Promise<readonly AttentionItem[]>;
}

/** What keeps the first host from reporting: an agent that is refused, an SSH host whose key waits. */
export function FirstNeeds({ first, firstAlerts, serverTime, read }: FirstNeedsProps) {
  const alerts = useAlertTally(firstAlerts);
  const items = useAttention(first, { hosts: none, alerts }, read);
  if (items.length === 0) return null;
  return (
    <div className="mb-4">
      <NeedsYou items={items} hosts={none} serverTime={serverTime} />
    </div>
  );
}
