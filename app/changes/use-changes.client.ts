'use client';
import { useMemo } from 'react';
import type { ChangesView } from '../../lib/model/index.ts';
import type { ChartMark } from '../history/mark-labels.ts';
import { type Polled, usePolled } from '../versions/use-polled.client.ts';
import { markWords } from './change-words.ts';

const isSame = (a: ChangesView, b: ChangesView): boolean =>
  JSON.stringify(a.events) === JSON.stringify(b.events);

/** GET /api/v1/changes, again while someone looks; see usePolled. */
export const useChanges = (
  path: string | null,
  initial: ChangesView | null,
  everyMilliseconds?: number,
): Polled<ChangesView> =>
  usePolled(path, initial, { isSame, ...(everyMilliseconds === undefined ? {} : { everyMilliseconds }) });

const markDays = 31;
const markEveryMilliseconds = 60_000;
/** More would hide the lines. */
const mostMarks = 8;

/** What changed of a host's software, as marks for its charts; the newest. */
export function useChangeMarks(hostId: string): readonly ChartMark[] {
  // To the day, so that the address stays the same from one asking to the next.
  const from = Math.floor(Date.now() / 86_400_000 - markDays) * 86_400;
  const path = `/api/v1/changes?${new URLSearchParams({ host: hostId, from: String(from) })}`;
  const { view } = useChanges(path, null, markEveryMilliseconds);
  return useMemo(
    () =>
      (view?.events ?? [])
        .slice(0, mostMarks)
        .map((event) => ({ at: Date.parse(event.at), label: markWords(event) })),
    [view],
  );
}
