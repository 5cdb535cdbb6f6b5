'use client';
import { useEffect, useState } from 'react';

const seconds = 60;
const width = 120;
const height = 20;

/** Kept for the life of the tab, so that coming back to the page does not lose the minute. */
const minute: { at: number; value: number }[] = [];

/** Utilization of the last minute, a point a second, from what this browser saw. */
export function Sparkline({ value }: { value: number | null }) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const sample = () => {
      const now = Date.now();
      if (value !== null && now - (minute.at(-1)?.at ?? 0) >= 900) minute.push({ at: now, value });
      while ((minute[0]?.at ?? now) < now - seconds * 1000) minute.shift();
      setTick(now);
    };
    sample();
    const timer = setInterval(sample, 1000);
    return () => clearInterval(timer);
  }, [value]);
  const now = minute.at(-1)?.at ?? 0;
  const points = minute.map(({ at, value: ratio }) => {
    const x = width - ((now - at) / (seconds * 1000)) * width;
    return `${x.toFixed(1)},${(height - 1 - ratio * (height - 2)).toFixed(1)}`;
  });
  return (
    <span className="inline-flex items-center gap-2 text-xs text-muted" title="Mean utilization, last 60 s">
      last 60 s
      <svg aria-hidden width={width} height={height} className="rounded-sm bg-raised">
        <polyline points={points.join(' ')} fill="none" stroke="var(--chart-1)" strokeWidth="1.5" />
      </svg>
    </span>
  );
}
