import type { RangeResult, RangeSeries } from '../../model/index.ts';
import { StoreError } from '../../state/state-store.ts';
import { type HistoryQuery, historyMetrics } from '../history-store.ts';
import type { Parts } from './aggregate.ts';
import type { Catalogue, Track } from './catalogue.ts';
import { metricNumber } from './metrics.ts';
import type { QueryPlan } from './plan.ts';
import type { RawSegments } from './raw-segments.ts';
import { eachNumber } from './reading.ts';
import type { Rollups } from './rollups.ts';

export interface QuerySources {
  readonly catalogue: Catalogue;
  readonly segments: RawSegments;
  readonly rollups: Rollups;
}

/** Rollup rows that one query may read: about a second's work. */
const maxRowsRead = 2_000_000;

/** One series while it is gathered: step number → [count, sum, min, max]. */
type Steps = Map<number, [number, number, number, number]>;

/** A GPU that moved between hosts has a track on each: they are one series. */
export function runQuery(query: HistoryQuery, plan: QueryPlan, sources: QuerySources): RangeResult {
  const metric = metricNumber(query.metric);
  const tracks = query.gpuUuids.flatMap((uuid) => selectTracks(sources.catalogue, uuid, query));
  const gathered = new Map<string, { readonly track: Track; readonly steps: Steps }>();
  const stepsOf = (track: Track): Steps => {
    const key = `${track.gpuUuid} ${track.containerId ?? ''}`;
    const found = gathered.get(key) ?? { track, steps: new Map() };
    gathered.set(key, found);
    return found.steps;
  };
  if (plan.resolution === 'raw') gatherRaw(tracks, { metric, plan, sources, stepsOf });
  else gatherRollups(tracks, { metric, plan, sources, stepsOf });
  const { scale, unit } = historyMetrics[query.metric];
  const series = [...gathered.values()]
    .filter(({ steps }) => steps.size > 0)
    .map(({ track, steps }) => toSeries(track, steps, { scale, stepSeconds: plan.stepSeconds }));
  return { metric: query.metric, unit, ...plan, series };
}

/** The GPU's own numbers, or those of one container, or of each where the metric is a container's. */
function selectTracks(catalogue: Catalogue, uuid: string, query: HistoryQuery): readonly Track[] {
  const ofContainers = query.metric.startsWith('container_');
  return catalogue
    .tracksOfGpu(uuid)
    .filter(({ containerId }) =>
      query.containerId === null
        ? (containerId !== null) === ofContainers
        : containerId === query.containerId,
    );
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

function gatherRollups(tracks: readonly Track[], { metric, plan, sources, stepsOf }: Gathering): void {
  const resolution = plan.resolution === '1h' ? '1h' : '1m';
  const bucketSeconds = resolution === '1h' ? 3600 : 60;
  const fromBucket = plan.fromSeconds / bucketSeconds;
  const toBucket = plan.toSeconds / bucketSeconds;
  if (tracks.length * (toBucket - fromBucket) > maxRowsRead) {
    throw new StoreError(
      'failed',
      'the query is too large: ask for fewer GPUs, a shorter range or a longer step',
    );
  }
  for (const track of tracks) {
    const steps = stepsOf(track);
    sources.rollups.eachOf({ resolution, track: track.id, metric, fromBucket, toBucket }, (bucket, parts) =>
      addParts(steps, Math.floor((bucket * bucketSeconds) / plan.stepSeconds), parts),
    );
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
