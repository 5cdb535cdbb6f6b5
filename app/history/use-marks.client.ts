'use client';
import { useMemo } from 'react';
import type { HostDetail } from '../../lib/model/index.ts';
import { useChangeMarks } from '../changes/use-changes.client.ts';
import type { ChartMark } from './mark-labels.ts';
import { marksOf } from './marks.ts';

/** The marks of a host, the same list while nothing happens: charts are drawn again only when it changes. */
export function useMarks(host: HostDetail): readonly ChartMark[] {
  // To the second: the clock's offset is measured anew with every report.
  const text = JSON.stringify(
    marksOf(host).map(({ at, label }) => ({ at: Math.round(at / 1000) * 1000, label })),
  );
  const changes = useChangeMarks(host.id);
  return useMemo(() => [...(JSON.parse(text) as readonly ChartMark[]), ...changes], [text, changes]);
}
