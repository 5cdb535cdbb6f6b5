import { dialectNames, isDialect } from '../../metrics/dialects/index.ts';
import { openMetricsContentType, textContentType } from '../../metrics/render.ts';
import type { Actor } from '../actor.ts';
import { HubError } from '../errors.ts';
import { readDialect, readHubMetrics, readMetrics } from '../operations/read-metrics.ts';
import { actorOf, type Call, headerOf, isFromThisMachine, requireMethod } from './call.ts';
import { sendCompressed } from './respond.ts';

/** A Prometheus on the hub's own machine needs no token; everyone else sends one. */
async function scraper(call: Call): Promise<Actor> {
  const actor = await actorOf(call);
  const sentNothing = headerOf(call.request, 'authorization') === null;
  return actor.kind === 'stranger' && sentNothing && isFromThisMachine(call) ? { kind: 'system' } : actor;
}

const wantsOpenMetrics = (call: Call): boolean =>
  (headerOf(call.request, 'accept') ?? '').includes('application/openmetrics-text');

/** GET /metrics. */
export async function handleMetrics(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD');
  const dialect = call.url.searchParams.get('dialect') ?? 'gpufleet';
  const actor = await scraper(call);
  if (isDialect(dialect)) {
    const body = await readDialect(actor, call.context, dialect);
    await sendCompressed(call.request, call.response, { body, type: textContentType });
    return;
  }
  const openMetrics = wantsOpenMetrics(call);
  const body = await readMetrics(actor, call.context, openMetrics);
  if (dialect !== 'gpufleet')
    throw new HubError('invalid', `There is no dialect "${dialect}".`, {
      errors: [{ pointer: 'dialect', detail: `One of gpufleet, ${dialectNames.join(', ')}.` }],
    });
  const type = openMetrics ? openMetricsContentType : textContentType;
  await sendCompressed(call.request, call.response, { body, type });
}

/** GET /metrics/hub. */
export async function handleHubMetrics(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD');
  const openMetrics = wantsOpenMetrics(call);
  const body = await readHubMetrics(await scraper(call), call.context, openMetrics);
  const type = openMetrics ? openMetricsContentType : textContentType;
  await sendCompressed(call.request, call.response, { body, type });
}
