'use client';
import type { AgentView } from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, toCsv } from '../export/csv.ts';

const columns: readonly CsvColumn<AgentView>[] = [
  { header: 'Host', value: ({ hostname }) => hostname },
  { header: 'Host id', value: ({ hostId }) => hostId },
  { header: 'Group', value: ({ group }) => group },
  { header: 'Reports', value: ({ isReporting }) => isReporting },
  { header: 'Version', value: ({ version }) => version },
  { header: 'SHA-256', value: ({ sha256 }) => sha256 },
  { header: 'Access', value: ({ access }) => access },
  { header: 'Takes upgrades', value: ({ canUpgrade }) => canUpgrade },
  { header: 'Runs the hub’s agent', value: ({ isCurrent }) => isCurrent },
];

export function AgentsExport({ agents }: { agents: readonly AgentView[] }) {
  return <ExportMenu isSmall name="agents" csv={() => toCsv(columns, agents)} call="/api/v1/agents" />;
}
