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
import { formatClock, formatExact, formatPercent, formatUnit } from '../format/index.ts';
import { type ChartMark, labelled } from './mark-labels.ts';
import type { ChartPoint } from './points.ts';
import { isDayStep, timeTicks } from './ticks.ts';

export interface TimeChartProps {
  readonly points: readonly ChartPoint[];
  readonly unit: string;
  readonly fromMilliseconds: number;
  readonly toMilliseconds: number;
  /** Top of the scale; null: the data's. */
  readonly top: number | null;
  /** A limit, drawn as a dashed line; what it is stands in a LimitKey beside the chart. */
  readonly limit?: number | null;
  /** Charts with the same id share the cursor. */
  readonly syncId: string;
  readonly hasTimeAxis: boolean;
  readonly hasBand: boolean;
  readonly hasValueAxis: boolean;
  /** What happened, as lines across; those outside the range are left out. */
  readonly marks?: readonly ChartMark[];
}

function tickText(at: number, showsDay: boolean): string {
  return showsDay ? formatExact(new Date(at).toISOString()).slice(5, 10) : formatClock(at).slice(0, 5);
}

function valueText(value: number, unit: string): string {
  return unit === 'ratio' ? formatPercent(value) : formatUnit(value, unit);
}

/** Nothing, half and the whole of what the scale is about: the limit where there is one. */
function valueTicks(
  top: number | null,
  limit: number | null | undefined,
  unit: string,
): number[] | undefined {
  const whole = unit === 'celsius' ? top : (limit ?? top);
  return whole === null ? undefined : [0, whole / 2, whole];
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

/** Room above the lines, so that no line strikes a word through. */
const labelHeight = 16;

/** The words of a mark, above it, growing away from the nearer side. Recharts gives the place. */
function MarkLabel({
  words,
  anchor,
  viewBox,
}: {
  words: string;
  anchor: 'start' | 'end';
  viewBox?: { readonly x?: number; readonly y?: number };
}) {
  return (
    <text
      x={viewBox?.x ?? 0}
      y={(viewBox?.y ?? labelHeight) - 5}
      textAnchor={anchor}
      fontSize={11}
      fill="var(--muted)"
    >
      {words}
    </text>
  );
}

const band = (point: ChartPoint) => (point.low === null ? null : [point.low, point.high]);

function TimeChartLines(props: TimeChartProps) {
  const { fromMilliseconds: from, toMilliseconds: to, unit, limit, top } = props;
  const timeMarks = timeTicks(from, to, { most: 6, zoneOffsetMinutes: new Date(to).getTimezoneOffset() });
  const valueMarks = valueTicks(top, limit, unit);
  const marks = (props.marks ?? []).filter(({ at }) => at > from && at < to);
  const hasLabels = props.hasValueAxis && marks.length > 0;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart
        data={props.points as ChartPoint[]}
        syncId={props.syncId}
        syncMethod="value"
        margin={{ top: hasLabels ? labelHeight : 2, right: 0, bottom: 0, left: 0 }}
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
          ticks={timeMarks}
          interval="preserveStart"
          tickFormatter={(at: number) => tickText(at, isDayStep(timeMarks))}
        />
        <YAxis
          domain={[0, top ?? 'auto']}
          allowDataOverflow={top !== null}
          hide={!props.hasValueAxis}
          width={64}
          tick={{ fill: 'var(--muted)', fontSize: 11 }}
          tickLine={false}
          axisLine={false}
          {...(valueMarks === undefined ? { tickCount: 3 } : { ticks: valueMarks })}
          tickFormatter={(value: number) => valueText(value, unit)}
        />
        {limit === null || limit === undefined ? null : (
          <ReferenceLine
            y={limit}
            stroke="var(--line-strong)"
            strokeDasharray="3 3"
            ifOverflow="extendDomain"
          />
        )}
        {marks.map(({ at }) => (
          <ReferenceLine key={at} x={at} stroke="var(--muted)" strokeDasharray="1 2" />
        ))}
        {(props.hasValueAxis ? labelled(marks, from, to) : []).map(({ at, label, anchor }) => (
          <ReferenceLine
            key={`label ${at}`}
            x={at}
            stroke="none"
            label={<MarkLabel words={label} anchor={anchor} />}
          />
        ))}
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
