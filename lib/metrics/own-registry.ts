import { type Metric, Registry } from 'prom-client';
import { openMetricsContentType, type RenderOptions, textContentType } from './render.ts';

/** A prom-client registry that can speak both formats in turn. */
export interface OwnRegistry {
  readonly registry: Registry;
  render(options: RenderOptions): Promise<string>;
}

/**
 * prom-client renames counters for good when it writes OpenMetrics, so names are put back after each writing, and
 * writings take turns.
 */
export function createOwnRegistry(): OwnRegistry {
  const registry = new Registry();
  let turn: Promise<unknown> = Promise.resolve();

  async function write(options: RenderOptions): Promise<string> {
    const metrics = registry.getMetricsAsArray() as unknown as (Metric & { name: string })[];
    const names = metrics.map((metric) => metric.name);
    // The typings know a registry of one format only; at run time both are allowed.
    const switchable: { setContentType(type: string): void } = registry as never;
    switchable.setContentType(options.openMetrics ? openMetricsContentType : textContentType);
    try {
      return await registry.metrics();
    } finally {
      for (const [i, metric] of metrics.entries()) metric.name = names[i] ?? metric.name;
    }
  }

  return {
    registry,
    render(options) {
      const mine = turn.then(() => write(options));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}
