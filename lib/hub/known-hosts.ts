import { z } from 'zod';
import type { KnownHost } from '../fleet/index.ts';
import type { AgentStatus, HostSoftware, Report } from '../model/index.ts';
import { agentSchema, reportSchema, softwareSchema } from '../protocol/index.ts';
import type { HostRecord } from '../state/state-store.ts';
import type { HubContext } from './context.ts';

/** What is kept of a host's last report, so that a restarted hub can show what it knew. */
interface StoredReport {
  readonly report: Report;
  readonly agent: AgentStatus;
  readonly software: HostSoftware | null;
  readonly agentLabelSources: Readonly<Record<string, string>>;
  readonly takenAtMillis: number;
  readonly gone: boolean;
}

const storedSchema: z.ZodType<StoredReport> = z.object({
  report: reportSchema,
  agent: agentSchema,
  software: softwareSchema.nullable().default(null),
  agentLabelSources: z.record(z.string(), z.string()).default({}),
  takenAtMillis: z.number(),
  gone: z.boolean().default(false),
});

function lastOf(record: HostRecord): KnownHost['last'] {
  if (record.lastReport === null || record.lastReportAt === null) return null;
  try {
    // Checked, since another version of the hub may have written it.
    const stored = storedSchema.parse(JSON.parse(record.lastReport));
    return { ...stored, receivedAtMillis: Date.parse(record.lastReportAt) };
  } catch {
    return null;
  }
}

export const knownHost = (record: HostRecord): KnownHost => ({
  id: record.id,
  hostname: record.hostname,
  agentLabels: record.agentLabels,
  hubLabels: record.hubLabels,
  enrolledAtMillis: Date.parse(record.enrolledAt),
  last: lastOf(record),
});

/** Fills a fresh fleet with the hosts that the state knows. */
export async function restoreFleet(context: Pick<HubContext, 'state' | 'fleet' | 'now'>): Promise<void> {
  for (const record of await context.state.listHosts()) context.fleet.know(knownHost(record), context.now());
}

/** Hands a host's newest report to the state's write-behind. */
export async function noteHost(context: HubContext, hostId: string): Promise<void> {
  const live = context.fleet.lastReport(hostId);
  if (live === null) return;
  context.notedAtMillis.set(hostId, context.now());
  const { report, agent, software, takenAtMillis, gone, agentLabelSources } = live;
  const stored: StoredReport = { report, agent, software, agentLabelSources, takenAtMillis, gone };
  await context.state.noteReports([
    {
      id: hostId,
      hostname: live.hostname,
      agentLabels: live.agentLabels,
      lastReportAt: new Date(live.receivedAtMillis).toISOString(),
      lastReport: JSON.stringify(stored),
    },
  ]);
}
