'use client';
import { memo } from 'react';
import {
  Area,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatClock, formatExact, formatUnit } from '../format/index.ts';
import type { ChartPoint } from './points.ts';

export interface TimeChartProps {
  readonly points: readonly ChartPoint[];
  readonly unit: string;
  readonly fromMilliseconds: number;
  readonly toMilliseconds: number;
  /** Top of the scale; null: the data's. */
  readonly top: number | null;
  /** A limit, drawn as a dashed line. */
  readonly limit?: number | null;
  /** Charts with the same id share the cursor. */
  readonly syncId: string;
  readonly hasTimeAxis: boolean;
  readonly hasBand: boolean;
  readonly hasValueAxis: boolean;
}

const day = 86_400_000;

function tickText(at: number, span: number): string {
  const clock = formatClock(at);
  if (span <= day / 24) return clock.slice(0, 5);
  return span <= day ? clock.slice(0, 5) : formatExact(new Date(at).toISOString()).slice(5, 10);
}

function Cursor({ unit, active, payload }: { unit: string; active?: boolean; payload?: readonly unknown[] }) {
  const first = payload?.[0];
  const point =
    typeof first === 'object' && first !== null
      ? (Reflect.get(first, 'payload') as ChartPoint | undefined)
      : undefined;
  if (active !== true || point === undefined || point.mean === null) return null;
  const isSpread = point.low !== null && point.high !== null && point.low !== point.high;
  return (
    <div className="rounded-sm border border-line bg-surface px-1.5 py-0.5 text-xs shadow-sm">
      <span className="text-muted">{formatClock(point.at)}</span> {formatUnit(point.mean, unit)}
      {isSpread ? (
        <span className="text-muted">
          {' '}
          {formatUnit(point.low ?? 0, unit)} to {formatUnit(point.high ?? 0, unit)}
        </span>
      ) : null}
    </div>
  );
}

const band = (point: ChartPoint) => (point.low === null ? null : [point.low, point.high]);

function TimeChartLines(props: TimeChartProps) {
  const { fromMilliseconds: from, toMilliseconds: to, unit, limit } = props;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart
        data={props.points as ChartPoint[]}
        syncId={props.syncId}
        syncMethod="value"
        margin={{ top: 2, right: 0, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <XAxis
          dataKey="at"
          type="number"
          scale="time"
          domain={[from, to]}
          allowDataOverflow
          hide={!props.hasTimeAxis}
          height={18}
          tick={{ fill: 'var(--muted)', fontSize: 11 }}
          tickLine={false}
          axisLine={{ stroke: 'var(--line)' }}
          minTickGap={40}
          tickFormatter={(at: number) => tickText(at, to - from)}
        />
        <YAxis
          domain={[0, props.top ?? 'auto']}
          allowDataOverflow={props.top !== null}
          hide={!props.hasValueAxis}
          width={64}
          tick={{ fill: 'var(--muted)', fontSize: 11 }}
          tickLine={false}
          axisLine={false}
          tickCount={4}
          tickFormatter={(value: number) => formatUnit(value, unit)}
        />
        {limit === null || limit === undefined ? null : (
          <ReferenceLine
            y={limit}
            stroke="var(--line-strong)"
            strokeDasharray="3 3"
            ifOverflow="extendDomain"
          />
        )}
        {props.hasBand ? (
          <Area
            dataKey={band}
            stroke="none"
            fill="var(--chart-band)"
            isAnimationActive={false}
            activeDot={false}
          />
        ) : null}
        <Line
          dataKey="mean"
          stroke="var(--chart-1)"
          strokeWidth={1.5}
          dot={false}
          activeDot={{ r: 2.5 }}
          isAnimationActive={false}
        />
        <Tooltip
          content={<Cursor unit={unit} />}
          cursor={{ stroke: 'var(--line-strong)' }}
          isAnimationActive={false}
          wrapperStyle={{ zIndex: 5 }}
          allowEscapeViewBox={{ x: false, y: true }}
        />
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** One line over time with its spread. Drawn again only when its points or its frame change. */
export const TimeChart = memo(TimeChartLines);
