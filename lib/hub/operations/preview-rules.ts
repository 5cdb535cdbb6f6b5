import type { ConfiguredHostRule } from '../../alerts/rules/host-rule.ts';
import { type FleetReading, knownRules, type RuleSet, ruleSet } from '../../alerts/rules/index.ts';
import { isHostIn, isModelIn } from '../../alerts/rules/matching.ts';
import { standing } from '../../alerts/rules/own-rule.ts';
import { type HistoryMetric, historyMetrics } from '../../history/history-store.ts';
import { readFleetFile } from '../../labels/index.ts';
import {
  type AlertRulesConfig,
  alertFields,
  type OwnAlertRule,
  type RulePreview,
  type RulesPreview,
} from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

const daySeconds = 86_400;
const stepSeconds = 300;
/** Bounds of one question, so that none holds up the hub. */
const mostGpus = 2000;
const gpusAtOnce = 100;
const mostRules = 20;
const mostShown = 50;
const fileName = 'alerts';

/** One of: text of an `alerts:` section of a fleet file, or the name of a rule as it is now. */
export type PreviewQuery = { readonly text: string } | { readonly rule: string };

interface Asked {
  readonly set: RuleSet;
  readonly config: AlertRulesConfig;
  readonly names: readonly string[];
}

const isHistory = (name: string | null): name is HistoryMetric =>
  name !== null && Object.hasOwn(historyMetrics, name);

/** What the rule's field was over the last day, GPU by GPU. */
async function lastDayOf(
  context: HubContext,
  reading: FleetReading,
  rule: OwnAlertRule,
): Promise<RulePreview['lastDay']> {
  const { history } = alertFields[rule.field];
  if (!isHistory(history))
    return {
      isKept: false,
      note: `No history is kept of ${rule.field}: this is of now only.`,
      episodes: [],
      total: 0,
    };
  const gpus = new Map<string, string>();
  for (const host of reading.hosts.values()) {
    if (!isHostIn(rule.scope, host)) continue;
    for (const { uuid, index, name } of host.report?.gpus ?? [])
      if (uuid !== null && isModelIn(rule.scope, name))
        gpus.set(uuid, `${host.hostname} GPU ${index ?? '?'}`);
  }
  const uuids = [...gpus.keys()].slice(0, mostGpus);
  const toSeconds = Math.floor(context.now() / 1000);
  const episodes: RulePreview['lastDay']['episodes'][number][] = [];
  for (let from = 0; from < uuids.length; from += gpusAtOnce) {
    const { series } = await context.history.queryRange({
      metric: history,
      fromSeconds: toSeconds - daySeconds,
      toSeconds,
      stepSeconds,
      gpuUuids: uuids.slice(from, from + gpusAtOnce),
      containerId: null,
    });
    for (const { labels, points } of series)
      episodes.push(
        ...episodesOf(points, rule).map((episode) => ({
          ...episode,
          what: gpus.get(labels['uuid'] ?? '') ?? '',
        })),
      );
  }
  const left = gpus.size - uuids.length;
  const note = `Judged by means of ${stepSeconds / 60} minutes${left > 0 ? `, of ${uuids.length} of ${gpus.size} GPUs` : ''}.`;
  episodes.sort((a, b) => (a.from < b.from ? 1 : -1));
  return { isKept: true, note, episodes: episodes.slice(0, mostShown), total: episodes.length };
}

/** Stretches for which the rule held long enough to fire. */
export function episodesOf(
  points: readonly (readonly [seconds: number, mean: number, min: number, max: number])[],
  rule: OwnAlertRule,
): readonly { readonly from: string; readonly to: string }[] {
  const found: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | null = null;
  for (const [seconds, mean] of points) {
    const now = standing(rule, mean);
    const isGap = open !== null && seconds > open.to;
    if (open !== null && (now === 'clear' || isGap)) open = null;
    if (now === 'fires' || (now === 'lingers' && open !== null)) {
      if (open === null) {
        open = { from: seconds, to: seconds + stepSeconds };
        found.push(open);
      } else open.to = seconds + stepSeconds;
    }
  }
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return found
    .filter(({ from, to }) => to - from >= rule.forSeconds)
    .map(({ from, to }) => ({ from: iso(from), to: iso(to) }));
}

/** What fired of a rule of the house within the last day, as it was kept. */
async function firedOf(context: HubContext, rule: string): Promise<RulePreview['lastDay']> {
  const page = await context.state.listAlerts({
    phases: ['firing', 'resolved'],
    rule,
    words: [],
    limit: 500,
  });
  const since = new Date(context.now() - daySeconds * 1000).toISOString();
  const fired = page.alerts.filter(({ resolvedAt }) => resolvedAt === null || resolvedAt >= since);
  const episodes = fired.slice(0, mostShown).map(({ facts, firedAt, beganAt, resolvedAt }) => ({
    what: facts.what,
    from: firedAt ?? beganAt,
    to: resolvedAt,
  }));
  return {
    isKept: true,
    note: 'As it fired, with the settings that it had then.',
    episodes,
    total: fired.length,
  };
}

async function previewOf(context: HubContext, { set, config }: Asked, name: string): Promise<RulePreview> {
  const reading = context.alerting.reading();
  const rule: ConfiguredHostRule | undefined = set.hostRules.find((each) => each.name === name);
  const found = rule === undefined ? [] : set.judge.found(name, reading);
  const own = config.own.find((each) => each.name === name);
  const nowMillis = context.now();
  const now = found
    .filter(({ found: { untilMillis } }) => untilMillis === undefined || untilMillis > nowMillis)
    .map(({ host, found: { facts } }) => ({ hostId: host.id, what: facts.what, href: facts.href }));
  const shown = set.rules.find((each) => each.name === name);
  return {
    rule: name,
    severity: shown?.severity ?? 'warning',
    watches: shown?.watches ?? '',
    afterSeconds: rule?.afterSeconds ?? 0,
    now: now.slice(0, mostShown),
    nowTotal: now.length,
    // Rules about the whole fleet are asked with what they know of before, so only what fires can be told.
    isNowKnown: rule !== undefined,
    lastDay: own === undefined ? await firedOf(context, name) : await lastDayOf(context, reading, own),
  };
}

function asked(context: HubContext, query: PreviewQuery): Asked | readonly string[] {
  if ('rule' in query) {
    const set = context.alertRules();
    if (!set.rules.some(({ name }) => name === query.rule))
      throw new HubError('not-found', `There is no rule "${query.rule}".`);
    return { set, config: context.fleetFile.current().alerts, names: [query.rule] };
  }
  const result = readFleetFile(query.text, fileName, knownRules);
  if (!result.ok) return result.faults.map((fault) => fault.replace(`${fileName}:`, 'line '));
  const { alerts: config } = result.content;
  const names = [...config.rules.keys(), ...config.own.map(({ name }) => name)];
  if (names.length === 0) return ['line 1: nothing in it is a rule: write alerts: with own: or rules:'];
  return { set: ruleSet(config), config, names };
}

/** What rules would fire now and would have fired over the last day. Changes nothing. Throws `not-found`. */
export async function previewRules(
  actor: Actor,
  context: HubContext,
  query: PreviewQuery,
): Promise<RulesPreview> {
  requireRole(actor, 'viewer');
  const what = asked(context, query);
  if (!('set' in what)) return { faults: what, rules: [], rulesLeftOut: 0 };
  const rules: RulePreview[] = [];
  const names = what.names.slice(0, mostRules);
  for (const name of names) rules.push(await previewOf(context, what, name));
  return { faults: [], rules, rulesLeftOut: what.names.length - names.length };
}
