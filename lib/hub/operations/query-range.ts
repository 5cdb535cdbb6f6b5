import { type HistoryMetric, historyMetrics } from '../../history/history-store.ts';
import type { RangeResult, RangeSeries } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import type { RangeQuery } from '../hub.ts';
import { requireRole } from '../require-role.ts';

/** Bounds of one question, so that no question can hold up the hub. */
const maxGpus = 512;
const maxPoints = 11_000;
const longestSeconds = 3 * 366 * 86_400;

function bad(pointer: string, detail: string): HubError {
  return new HubError('invalid', detail, { errors: [{ pointer, detail }] });
}

const isMetric = (name: string): name is HistoryMetric => Object.hasOwn(historyMetrics, name);

interface Selection {
  readonly gpuUuids: readonly string[];
  readonly containerId: string | null;
}

function gpusOfHost(context: HubContext, name: string): string[] {
  const hosts = context.fleet.summaries().filter((host) => host.id === name || host.hostname === name);
  if (hosts.length === 0) throw bad('select', `There is no host "${name}".`);
  return hosts.flatMap((host) => host.gpus.map((gpu) => gpu.uuid));
}

function readSelection(context: HubContext, select: string): Selection {
  const uuids = new Set<string>();
  let containerId: string | null = null;
  for (const part of select.split(',').map((text) => text.trim())) {
    const at = part.indexOf('=');
    const [key, value] = [part.slice(0, at), part.slice(at + 1)];
    if (at < 1 || value === '') throw bad('select', `"${part}" is not key=value.`);
    if (key === 'uuid') uuids.add(value);
    else if (key === 'host') for (const uuid of gpusOfHost(context, value)) uuids.add(uuid);
    else if (key === 'container_id') containerId = value;
    else throw bad('select', `"${key}" is none of uuid, host, container_id.`);
  }
  if (containerId !== null && uuids.size === 0)
    for (const uuid of gpusOfContainer(context, containerId)) uuids.add(uuid);
  if (uuids.size > maxGpus) throw bad('select', `Selects ${uuids.size} GPUs; at most ${maxGpus} at once.`);
  return { gpuUuids: [...uuids], containerId };
}

function gpusOfContainer(context: HubContext, containerId: string): string[] {
  for (const owner of context.fleet.owners())
    if (owner.key === containerId) return owner.gpus.map(({ uuid }) => uuid);
  throw bad('select', 'This container or owner is nowhere now: name its GPU too, with uuid=….');
}

function checkTimes({ fromSeconds, toSeconds, stepSeconds }: RangeQuery): void {
  if (!(fromSeconds < toSeconds)) throw bad('from', 'Must be before "to".');
  if (toSeconds - fromSeconds > longestSeconds) throw bad('from', 'The range is longer than three years.');
  if (stepSeconds === undefined) return;
  if (stepSeconds < 1) throw bad('step', 'At least 1 second.');
  if ((toSeconds - fromSeconds) / stepSeconds > maxPoints)
    throw bad('step', `Gives more than ${maxPoints} points; take a longer step.`);
}

/** Adds to each series what a person knows a GPU by. */
function named(context: HubContext, series: RangeSeries): RangeSeries {
  const uuid = series.labels['uuid'];
  const gpu = uuid === undefined ? null : context.fleet.gpu(uuid, context.now());
  if (gpu === null) return series;
  const index = gpu.index === null ? {} : { gpu: String(gpu.index) };
  return { ...series, labels: { ...series.labels, host: gpu.hostname, ...index } };
}

/** History of one metric. Throws `invalid` with the parameter's name. */
export async function queryRange(actor: Actor, context: HubContext, query: RangeQuery): Promise<RangeResult> {
  requireRole(actor, 'viewer');
  const { metric } = query;
  if (!isMetric(metric)) throw bad('metric', `One of ${Object.keys(historyMetrics).join(', ')}.`);
  checkTimes(query);
  const selection = readSelection(context, query.select);
  const result = await context.history.queryRange({
    metric,
    fromSeconds: query.fromSeconds,
    toSeconds: query.toSeconds,
    stepSeconds: query.stepSeconds ?? null,
    ...selection,
  });
  return { ...result, series: result.series.map((series) => named(context, series)) };
}
