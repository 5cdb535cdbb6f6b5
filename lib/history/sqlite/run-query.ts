import type { RangeResult, RangeSeries } from '../../model/index.ts';
import { StoreError } from '../../state/state-store.ts';
import { type HistoryQuery, historyMetrics } from '../history-store.ts';
import type { Parts } from './aggregate.ts';
import { metricNumber } from './metrics.ts';
import type { QueryPlan } from './plan.ts';
import type { RawSegments } from './raw-segments.ts';
import { eachNumber } from './reading.ts';
import type { Rollups } from './rollups.ts';
import type { Track, TrackSelection, Tracks } from './tracks.ts';

export interface QuerySources {
  readonly tracks: Tracks;
  readonly segments: RawSegments;
  readonly rollups: Rollups;
}

/** One series while it is gathered: step number → [count, sum, min, max]. */
type Steps = Map<number, [number, number, number, number]>;

export interface QueryOptions {
  planOf(query: HistoryQuery): QueryPlan;
  /** Rollup rows that it may read; past it, it throws StoreError `too-large`. */
  readonly maxRowsRead: number;
}

/** A GPU that moved between hosts has a track on each: they are one series. */
export function runQuery(query: HistoryQuery, sources: QuerySources, options: QueryOptions): RangeResult {
  const metric = metricNumber(query.metric);
  const { plan, tracks } = chooseStore(query, sources, options);
  const gathered = new Map<string, { readonly track: Track; readonly steps: Steps }>();
  const stepsOf = (track: Track): Steps => {
    const key = `${track.gpuUuid} ${track.containerId ?? ''}`;
    const found = gathered.get(key) ?? { track, steps: new Map() };
    gathered.set(key, found);
    return found.steps;
  };
  if (plan.resolution === 'raw') gatherRaw(tracks, { metric, plan, sources, stepsOf });
  else gatherRollups(tracks, { metric, plan, sources, stepsOf }, options.maxRowsRead);
  const { scale, unit } = historyMetrics[query.metric];
  const series = [...gathered.values()]
    .filter(({ steps }) => steps.size > 0)
    .map(({ track, steps }) => toSeries(track, steps, { scale, stepSeconds: plan.stepSeconds }));
  return { metric: query.metric, unit, ...plan, series };
}

interface Choice {
  readonly plan: QueryPlan;
  readonly tracks: readonly Track[];
}

/** Where the step is the store's to choose, a question too large for minutes is answered from hours. */
function chooseStore(query: HistoryQuery, { tracks }: QuerySources, options: QueryOptions): Choice {
  const choose = (asked: HistoryQuery): Choice => {
    const plan = options.planOf(asked);
    return { plan, tracks: selectTracks(tracks, asked, plan) };
  };
  const first = choose(query);
  const isWide = first.plan.resolution === '1m' && mostMinutes(first) > options.maxRowsRead;
  return query.stepSeconds === null && isWide ? choose({ ...query, stepSeconds: 3600 }) : first;
}

/** The GPU's own numbers, or those of one container, or of each where the metric is a container's. */
function selectTracks(tracks: Tracks, query: HistoryQuery, plan: QueryPlan): readonly Track[] {
  const { metric, containerId } = query;
  const every: TrackSelection['of'] = metric.startsWith('container_') ? 'containers' : 'gpu';
  const of = containerId === null ? every : { containerId };
  const fromHour = Math.floor(plan.fromSeconds / 3600);
  const toHour = Math.floor(plan.toSeconds / 3600);
  return query.gpuUuids.flatMap((gpuUuid) => tracks.select({ gpuUuid, of, fromHour, toHour }));
}

/** At most so many minutes are there to read. */
function mostMinutes({ plan, tracks }: Choice): number {
  const hours = ({ firstHour, lastHour }: Track): number =>
    Math.min(plan.toSeconds / 3600, lastHour + 1) - Math.max(plan.fromSeconds / 3600, firstHour);
  return tracks.reduce((sum, track) => sum + Math.max(0, hours(track)) * 60, 0);
}

interface Gathering {
  readonly metric: number;
  readonly plan: QueryPlan;
  readonly sources: QuerySources;
  readonly stepsOf: (track: Track) => Steps;
}

function gatherRaw(tracks: readonly Track[], { metric, plan, sources, stepsOf }: Gathering): void {
  const byHost = Map.groupBy(tracks, (track) => track.host);
  for (const [host, ofHost] of byHost) {
    const wanted = new Map(ofHost.map((track) => [track.id, stepsOf(track)]));
    const fromMilliseconds = plan.fromSeconds * 1000;
    const toMilliseconds = plan.toSeconds * 1000;
    sources.segments.eachOfHost({ host, fromMilliseconds, toMilliseconds }, (takenMilliseconds, data) => {
      const step = Math.floor(takenMilliseconds / 1000 / plan.stepSeconds);
      eachNumber(data, (trackId, numbered, number) => {
        const steps = numbered === metric ? wanted.get(trackId) : undefined;
        if (steps !== undefined) addParts(steps, step, [1, number, number, number]);
      });
    });
  }
}

function gatherRollups(
  tracks: readonly Track[],
  { metric, plan, sources, stepsOf }: Gathering,
  maxRowsRead: number,
): void {
  const resolution = plan.resolution === '1h' ? '1h' : '1m';
  const bucketSeconds = resolution === '1h' ? 3600 : 60;
  const fromBucket = plan.fromSeconds / bucketSeconds;
  const toBucket = plan.toSeconds / bucketSeconds;
  let rows = 0;
  for (const track of tracks) {
    const steps = stepsOf(track);
    rows += sources.rollups.eachOf(
      { resolution, track: track.id, metric, fromBucket, toBucket },
      (bucket, parts) => addParts(steps, Math.floor((bucket * bucketSeconds) / plan.stepSeconds), parts),
    );
    if (rows > maxRowsRead)
      throw new StoreError('too-large', `the query reads more than ${maxRowsRead} rows of history`);
  }
}

function addParts(steps: Steps, step: number, [count, sum, min, max]: Parts): void {
  const found = steps.get(step);
  if (found === undefined) {
    steps.set(step, [count, sum, min, max]);
    return;
  }
  found[0] += count;
  found[1] += sum;
  if (min < found[2]) found[2] = min;
  if (max > found[3]) found[3] = max;
}

function toSeries(
  { gpuUuid, containerId }: Track,
  steps: Steps,
  { scale, stepSeconds }: { scale: number; stepSeconds: number },
): RangeSeries {
  const points = [...steps]
    .sort(([a], [b]) => a - b)
    .map(
      ([step, [count, sum, min, max]]) =>
        [step * stepSeconds, sum / count / scale, min / scale, max / scale] as const,
    );
  const container = containerId === null ? {} : { container_id: containerId };
  return { labels: { uuid: gpuUuid, ...container }, points };
}
