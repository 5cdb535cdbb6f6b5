import type { HostSummary } from '../../lib/model/index.ts';

/** A number that /metrics has, as the expression that gives it. */
export interface PromqlChoice {
  /** What it gives, such as `Power`. */
  readonly label: string;
  readonly expression: string;
}

/** More than this and an expression is no use to read; the whole family is given instead. */
export const mostNamed = 40;

const quoted = (text: string): string => JSON.stringify(text);
const escapedPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** `label="a"` for one value, `label=~"a|b"` for some; '' for too many to name, and for null: all. */
export function matcher(label: string, values: readonly string[] | null): string {
  if (values === null || values.length === 0 || values.length > mostNamed) return '';
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? `${label}=${quoted(only)}`
    : `${label}=~${quoted(values.map(escapedPattern).join('|'))}`;
}

/** `name{matcher,…}`. */
export function selector(name: string, ...matchers: readonly string[]): string {
  const given = matchers.filter((text) => text !== '');
  return given.length === 0 ? name : `${name}{${given.join(',')}}`;
}

/** Names of history's metrics (as query_range takes them) in /metrics, with what else selects them. */
const families: Readonly<Record<string, readonly [name: string, matcher: string]>> = {
  gpu_memory_temperature_celsius: ['gpufleet_gpu_temperature_celsius', 'sensor="memory"'],
  gpu_temperature_celsius: ['gpufleet_gpu_temperature_celsius', 'sensor="gpu"'],
  gpu_sm_clock_hertz: ['gpufleet_gpu_clock_hertz', 'clock="sm"'],
  gpu_memory_clock_hertz: ['gpufleet_gpu_clock_hertz', 'clock="memory"'],
};

/** The expression for one of history's metrics on some GPUs (null: on all). */
export function historyExpression(metric: string, gpuUuids: readonly string[] | null): string {
  const [name, own] = families[metric] ?? [`gpufleet_${metric}`, ''];
  return selector(name, matcher('uuid', gpuUuids), own);
}

/** What /metrics calls each host, by id: its name, with a part of its id while several share it. */
export function metricHostNames(
  hosts: readonly Pick<HostSummary, 'id' | 'hostname'>[],
): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  for (const { hostname } of hosts) counts.set(hostname, (counts.get(hostname) ?? 0) + 1);
  return new Map(
    hosts.map(({ id, hostname }) => [
      id,
      (counts.get(hostname) ?? 0) > 1 ? `${hostname} (${id.slice(0, 8)})` : hostname,
    ]),
  );
}

/** The figures of a table of GPUs. */
export function gpuTableExpressions(gpuUuids: readonly string[] | null): readonly PromqlChoice[] {
  const of = (metric: string) => historyExpression(metric, gpuUuids);
  const uuid = matcher('uuid', gpuUuids);
  return [
    { label: 'Utilization', expression: of('gpu_utilization_ratio') },
    { label: 'Memory used', expression: of('gpu_memory_used_bytes') },
    { label: 'Memory total', expression: selector('gpufleet_gpu_memory_total_bytes', uuid) },
    { label: 'Temperature', expression: of('gpu_temperature_celsius') },
    { label: 'Power', expression: of('gpu_power_watts') },
  ];
}

/** The figures of a table of hosts: what its GPUs tell, taken together. */
export function hostTableExpressions(names: readonly string[] | null): readonly PromqlChoice[] {
  const host = matcher('host', names);
  const by = (how: string, name: string) => `${how} by (host) (${selector(name, host)})`;
  return [
    { label: 'Utilization', expression: by('avg', 'gpufleet_gpu_utilization_ratio') },
    { label: 'Memory used', expression: by('sum', 'gpufleet_gpu_memory_used_bytes') },
    { label: 'Memory total', expression: by('sum', 'gpufleet_gpu_memory_total_bytes') },
    { label: 'Power', expression: by('sum', 'gpufleet_gpu_power_watts') },
    { label: 'Reports', expression: selector('gpufleet_host_up', host) },
    { label: 'Last report', expression: selector('gpufleet_host_last_report_timestamp_seconds', host) },
  ];
}

/** What containers hold, by the names that /metrics gives them; null: all. */
export function containerTableExpressions(names: readonly string[] | null): readonly PromqlChoice[] {
  const container = matcher('container', names);
  const by = (name: string) => `sum by (host, container) (${selector(name, container)})`;
  return [
    { label: 'GPU memory', expression: by('gpufleet_container_gpu_memory_used_bytes') },
    { label: 'SM', expression: by('gpufleet_container_gpu_utilization_ratio') },
  ];
}

/** One container on each GPU that it uses. */
export function containerUseExpressions(host: string, name: string): readonly PromqlChoice[] {
  const matchers = [matcher('host', [host]), matcher('container', [name])];
  return [
    { label: 'GPU memory', expression: selector('gpufleet_container_gpu_memory_used_bytes', ...matchers) },
    { label: 'SM', expression: selector('gpufleet_container_gpu_utilization_ratio', ...matchers) },
  ];
}

/** The totals above the fleet map, and what its cells show. */
export function fleetExpressions(gpuUuids: readonly string[] | null): readonly PromqlChoice[] {
  return [
    ...gpuTableExpressions(gpuUuids),
    {
      label: 'Mean utilization',
      expression: `avg(${historyExpression('gpu_utilization_ratio', gpuUuids)})`,
    },
  ];
}

/** What fires; those that a silence or maintenance keeps quiet are not in it. */
export const alertExpressions: readonly PromqlChoice[] = [
  { label: 'Firing and not silenced', expression: 'sum by (alert) (gpufleet_alerts)' },
  { label: 'The same by severity', expression: 'sum by (severity) (gpufleet_alerts)' },
];

/** How the hub gets rid of its notices, over all channels. */
export const deliveryExpressions: readonly PromqlChoice[] = [
  { label: 'Notices waiting', expression: 'gpufleet_hub_alert_deliveries_waiting' },
  {
    label: 'Attempts, by outcome',
    expression: 'sum by (outcome) (increase(gpufleet_hub_alert_deliveries_total[1h]))',
  },
];
