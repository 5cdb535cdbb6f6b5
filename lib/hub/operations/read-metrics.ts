import { type DialectName, renderDialect } from '../../metrics/dialects/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { requireScraper } from '../require-role.ts';

function bringUpToDate({ unexposedHosts, fleet, drift, exposition, config, now }: HubContext): void {
  const { maxOwnersPerGpu } = config.waste;
  for (const hostId of unexposedHosts) {
    const host = fleet.detail(hostId, now());
    if (host === null) exposition.remove(hostId);
    else {
      const own = { drift: drift.findingsOf(hostId), stackIssues: drift.issuesOf(hostId) };
      exposition.update({ ...host, ...own, maxOwnersPerGpu });
    }
  }
  unexposedHosts.clear();
}

/** The fleet as Prometheus text. */
export async function readMetrics(actor: Actor, context: HubContext, openMetrics: boolean): Promise<string> {
  requireScraper(actor);
  const started = performance.now();
  bringUpToDate(context);
  await context.exposition.refresh();
  const text = context.exposition.render({ openMetrics });
  context.hubMetrics.noteScrape({ seconds: (performance.now() - started) / 1000, bytes: text.length });
  return text;
}

/** The fleet under the names of another exporter; plain text whatever the scraper would take. */
export async function readDialect(actor: Actor, context: HubContext, dialect: DialectName): Promise<string> {
  requireScraper(actor);
  const started = performance.now();
  bringUpToDate(context);
  const text = await renderDialect(dialect, context.exposition.hosts());
  context.hubMetrics.noteScrape({ seconds: (performance.now() - started) / 1000, bytes: text.length });
  return text;
}

/** The hub itself as Prometheus text. */
export async function readHubMetrics(
  actor: Actor,
  context: HubContext,
  openMetrics: boolean,
): Promise<string> {
  requireScraper(actor);
  return context.hubMetrics.render({ openMetrics });
}
