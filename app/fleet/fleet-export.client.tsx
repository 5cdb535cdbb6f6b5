'use client';
import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import type { ChosenHosts } from '../components/host-filter.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { fleetExpressions, mostNamed } from '../export/promql.ts';
import type { HostGroup } from './grouping.ts';
import { whyUnusual } from './oddities.ts';

interface Row {
  readonly host: HostSummary;
  readonly gpu: GpuSummary;
}

/** Of a host or GPU that tells nothing now there is no number: a file cannot dim one. */
const told = (read: (gpu: GpuSummary) => number | null) => ({
  value: ({ host, gpu }: Row) => (host.current && gpu.state === 'ok' ? read(gpu) : null),
});

const columns: readonly CsvColumn<Row>[] = [
  { header: 'Host', value: ({ host }) => host.hostname },
  { header: 'Group', value: ({ host }) => host.group },
  { header: 'GPU', value: ({ gpu }) => gpu.index },
  { header: 'UUID', value: ({ gpu }) => gpu.uuid },
  { header: 'Model', value: ({ gpu }) => gpu.name },
  { header: 'State', value: ({ host, gpu }) => (gpu.state === 'ok' ? host.state : gpu.state) },
  { header: 'Why', value: ({ host, gpu }) => whyUnusual(host, gpu) },
  { header: 'Utilization (ratio)', ...told((gpu) => gpu.utilizationRatio) },
  { header: 'Memory used (bytes)', ...told((gpu) => gpu.memoryUsedBytes) },
  { header: 'Memory total (bytes)', ...told((gpu) => gpu.memoryTotalBytes) },
  { header: 'Temperature (celsius)', ...told((gpu) => gpu.temperatureCelsius) },
  { header: 'Power (watts)', ...told((gpu) => gpu.powerWatts) },
  { header: 'Power limit (watts)', ...told((gpu) => gpu.powerLimitWatts) },
  { header: 'Last report (UTC)', value: ({ host }) => timeOf(host.lastReportAt) },
];

interface FleetExportProps {
  readonly groups: readonly HostGroup[];
  readonly chosen: ChosenHosts;
  /** Every GPU of the fleet is on the map. */
  readonly isAll: boolean;
}

/** Export of the GPUs on the map, in its order. */
export function FleetExport({ groups, chosen, isAll }: FleetExportProps) {
  const gpuCount = groups.reduce((sum, group) => sum + group.gpuCount, 0);
  const rows = () =>
    groups.flatMap(({ hosts }) => hosts.flatMap((host) => host.gpus.map((gpu) => ({ host, gpu }))));
  return (
    <ExportMenu
      isSmall
      name="fleet"
      csv={() => toCsv(columns, rows())}
      call={apiPath('/api/v1/gpus', { group: chosen.group, label: chosen.label, limit: 1000 })}
      promql={fleetExpressions(isAll || gpuCount > mostNamed ? null : rows().map(({ gpu }) => gpu.uuid))}
    />
  );
}
