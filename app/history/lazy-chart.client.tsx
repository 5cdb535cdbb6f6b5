'use client';
import clsx from 'clsx';
import dynamic from 'next/dynamic';
import { useEffect, useRef, useState } from 'react';
import { Skeleton } from '../components/page-parts.tsx';
import type { TimeChartProps } from './time-chart.client.tsx';

const TimeChart = dynamic(() => import('./time-chart.client.tsx').then((module) => module.TimeChart), {
  ssr: false,
  loading: () => <Skeleton className="h-full" />,
});

interface LazyChartProps extends TimeChartProps {
  readonly label: string;
  readonly status: 'loading' | 'ready' | 'failed';
  readonly className: string;
  /** Why there is nothing to draw, where that is known. */
  readonly emptyWords?: string | null;
}

/** Loads recharts after the first paint, and draws only what has been scrolled near. */
export function LazyChart({ label, status, className, emptyWords = null, ...chart }: LazyChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (element === null || near) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: '300px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [near]);
  const isEmpty = status === 'ready' && chart.points.length === 0;
  return (
    <div
      ref={frame}
      role="img"
      aria-label={isEmpty ? `${label}: ${emptyWords ?? 'no readings in this range'}` : label}
      className={clsx(className, !chart.hasTimeAxis && 'border-b border-line')}
    >
      {isEmpty ? (
        <div className="flex h-full items-center justify-center rounded-md border border-dashed border-line px-2 text-center text-xs text-muted">
          {emptyWords ?? 'no readings in this range'}
        </div>
      ) : near && chart.points.length > 0 ? (
        <TimeChart {...chart} />
      ) : (
        <Skeleton className="h-full" />
      )}
    </div>
  );
}
