'use client';
import { useMemo } from 'react';
import type { FleetView as InitialFleet } from '../../lib/hub/hub.ts';
import { type AttentionItem, type FleetTotals, totalsOf } from '../../lib/model/index.ts';
import { useAlertTally } from '../alerts/use-alerts.client.ts';
import { Choice } from '../components/choice.client.tsx';
import {
  GroupChoice,
  HostFilterBar,
  useChosen,
  useHostFilter,
  useUrlGrouping,
} from '../components/host-filter.client.tsx';
import { labelKeys } from '../components/host-filter.ts';
import { useUrlChoice } from '../components/url-state.client.ts';
import { formatBytesOf, formatCount, formatMeanPercent, formatWatts, plural } from '../format/index.ts';
import { useFleetHosts } from '../stream/hooks.client.ts';
import { FleetExport } from './fleet-export.client.tsx';
import { FleetMap } from './fleet-map.client.tsx';
import { FleetTable } from './fleet-table.client.tsx';
import { groupHosts, groupings, isUnusualHost } from './grouping.ts';
import { Legend } from './legend.client.tsx';
import { measureNames, measures } from './measures.ts';
import { NeedsYou } from './needs-you.client.tsx';
import { Sparkline } from './sparkline.client.tsx';
import { useAttention } from './use-attention.client.ts';
import { WhyUnusual } from './why-unusual.client.tsx';

interface FleetViewProps {
  readonly initial: InitialFleet;
  readonly readAttention: () => Promise<readonly AttentionItem[]>;
}

function TotalsLine({ totals }: { totals: FleetTotals }) {
  const { utilizationRatio: use, memoryUsedBytes: used, memoryTotalBytes: total } = totals;
  const parts = [
    plural(totals.gpus, 'GPU'),
    totals.hostsReporting === totals.hosts
      ? plural(totals.hosts, 'host')
      : `${formatCount(totals.hostsReporting)} of ${plural(totals.hosts, 'host')} reporting`,
    `${formatCount(totals.busyGpus)} busy`,
    ...(use === null ? [] : [`${formatMeanPercent(use)} utilized`]),
    ...(used === null || total === null ? [] : [formatBytesOf(used, total)]),
    ...(totals.powerWatts === null ? [] : [formatWatts(totals.powerWatts)]),
    ...(totals.gpusLost === 0 ? [] : [`${formatCount(totals.gpusLost)} lost`]),
    ...(totals.gpusUnreadable === 0 ? [] : [`${formatCount(totals.gpusUnreadable)} unreadable`]),
  ];
  return (
    <p className="flex flex-wrap gap-x-2 text-[15px]">
      {parts.map((part, index) => (
        <span
          key={part.replace(/[\d.]+/g, '#') + String(index)}
          className={index === 0 ? 'font-semibold' : undefined}
        >
          {index === 0 ? '' : <span className="mr-2 text-faint">·</span>}
          {part}
        </span>
      ))}
    </p>
  );
}

const groupingWords = {
  group: 'group',
  model: 'GPU model',
  driver: 'driver',
  state: 'state',
  none: 'nothing',
} as const;

/** The Fleet page, live. */
export function FleetView({ initial, readAttention }: FleetViewProps) {
  const hosts = useFleetHosts(initial.hosts);
  const alerts = useAlertTally(initial.alerts);
  const needs = useAttention(initial.attention, { hosts, alerts }, readAttention);
  const chosen = useHostFilter();
  const wanted = useChosen(hosts, chosen);
  const keys = useMemo(() => labelKeys(hosts), [hosts]);
  const [grouping, setGrouping] = useUrlGrouping(groupings);
  const [measure, setMeasure] = useUrlChoice('colour', measureNames);
  const [unusual, setUnusual] = useUrlChoice('only', ['all', 'unusual']);
  const attention = useMemo(() => {
    const left = new Set(hosts.map((host) => host.id));
    for (const host of wanted) left.delete(host.id);
    return left.size === 0 ? needs : needs.filter(({ hostId }) => hostId === null || !left.has(hostId));
  }, [needs, hosts, wanted]);
  const onlyUnusual = unusual === 'unusual';
  const totals = useMemo(
    () => (wanted === initial.hosts ? initial.totals : totalsOf(wanted)),
    [wanted, initial],
  );
  const unusualHosts = useMemo(
    () => (onlyUnusual ? wanted.filter(isUnusualHost) : wanted),
    [wanted, onlyUnusual],
  );
  const groups = useMemo(() => groupHosts(unusualHosts, grouping), [unusualHosts, grouping]);
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 pb-3 pt-5">
        <h1 className="sr-only">Fleet</h1>
        <TotalsLine totals={totals} />
        <Sparkline value={totals.utilizationRatio} hostIds={wanted.map((host) => host.id)} />
      </div>
      <NeedsYou items={attention} hosts={wanted} serverTime={initial.serverTime} />
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2 py-3">
        <HostFilterBar hosts={hosts} chosen={chosen} />
        <GroupChoice
          value={grouping}
          choices={groupings.map((key) => [key, groupingWords[key]])}
          keys={keys}
          onChange={setGrouping}
        />
        <Choice
          label="Colour by"
          value={measure}
          choices={measureNames.map((key) => [key, measures[key].label.toLowerCase()])}
          onChange={setMeasure}
        />
        <label className="inline-flex h-8 items-center gap-1.5 text-muted">
          <input
            type="checkbox"
            checked={onlyUnusual}
            onChange={(event) => setUnusual(event.target.checked ? 'unusual' : 'all')}
            className="size-4 accent-accent"
          />
          only unusual
        </label>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 sm:ml-auto">
          <Legend measure={measure} />
          <FleetExport groups={groups} chosen={chosen} isAll={wanted === hosts && !onlyUnusual} />
        </div>
      </div>
      {groups.length === 0 ? (
        <p className="rounded-lg border border-line bg-surface px-4 py-8 text-center text-muted">
          {wanted.length === 0
            ? 'No host has the chosen groups and labels.'
            : 'Nothing unusual: every host reports, no GPU is lost, has a fault, is slowed down or odd.'}
        </p>
      ) : (
        <div className="rounded-lg border border-line bg-surface p-4 pt-2">
          <FleetMap groups={groups} measure={measure} serverTime={initial.serverTime} />
        </div>
      )}
      {onlyUnusual ? <WhyUnusual hosts={unusualHosts} /> : null}
      <FleetTable groups={groups} measure={measure} />
    </>
  );
}
