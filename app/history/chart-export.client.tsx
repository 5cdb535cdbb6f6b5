'use client';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { historyExpression } from '../export/promql.ts';
import type { ChartPoint } from './points.ts';
import { type RangeName, ranges } from './ranges.ts';
import type { History } from './use-history.client.ts';

/** A line of a chart: the metric as query_range names it, with its unit. */
export interface ExportedLine {
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
}

interface ChartExportProps {
  /** `gpu-01 GPU 3`. */
  readonly of: string;
  readonly gpuUuid: string;
  readonly lines: readonly ExportedLine[];
  readonly history: History;
  readonly range: RangeName;
}

/** The points of some lines side by side, a row a moment; gaps are empty. */
export function pointsCsv(
  lines: readonly (ExportedLine & { readonly points: readonly ChartPoint[] })[],
): string {
  const told = lines.map((line) => ({
    ...line,
    byTime: new Map(line.points.filter(({ mean }) => mean !== null).map((point) => [point.at, point])),
  }));
  const times = [...new Set(told.flatMap(({ byTime }) => [...byTime.keys()]))].sort((a, b) => a - b);
  const columns = told.flatMap(({ label, unit, byTime }) => [
    { header: `${label} mean (${unit})`, value: (at: number) => byTime.get(at)?.mean },
    { header: `${label} lowest (${unit})`, value: (at: number) => byTime.get(at)?.low },
    { header: `${label} highest (${unit})`, value: (at: number) => byTime.get(at)?.high },
  ]);
  return toCsv([{ header: 'Time (UTC)', value: (at: number) => new Date(at) }, ...columns], times);
}

/** Export of one chart, or of the charts of one GPU that stand in a row. */
export function ChartExport({ of, gpuUuid, lines, history, range }: ChartExportProps) {
  const [only] = lines;
  const csv = () =>
    pointsCsv(lines.map((line) => ({ ...line, points: history.lines.get(line.metric)?.get(gpuUuid) ?? [] })));
  const calls = lines.map(({ metric, label }) => ({
    label,
    path: apiPath('/api/v1/query_range', {
      metric,
      select: `uuid=${gpuUuid}`,
      from: history.fromMilliseconds / 1000,
      to: history.toMilliseconds / 1000,
      step: ranges[range].stepSeconds,
    }),
  }));
  return (
    <ExportMenu
      isSmall
      name={lines.length === 1 && only !== undefined ? `${of} ${only.label.toLowerCase()}` : `${of} charts`}
      csv={csv}
      call={calls}
      promql={lines.map(({ metric, label }) => ({
        label,
        expression: historyExpression(metric, [gpuUuid]),
      }))}
    />
  );
}
