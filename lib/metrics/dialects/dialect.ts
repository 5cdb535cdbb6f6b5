import { type ExposedGpu, type ExposedHost, label } from '../family.ts';

/** The fleet under the names of another exporter, so that the dashboards and rules that people have go on working. */
export const dialectNames = ['dcgm', 'dcgm49', 'nvidia_smi'] as const;
export type DialectName = (typeof dialectNames)[number];

/** Takes one series: what stands behind the common labels, begun by its comma, and its value; null gives none. */
export type Say = (value: number | null | undefined, more?: string) => void;

export interface DialectFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** Of each GPU whose numbers are of now. */
  readonly gpu?: (gpu: ExposedGpu, say: Say, host: ExposedHost) => void;
  /** Of the host itself, behind `instance` alone. */
  readonly host?: (host: ExposedHost, say: Say) => void;
}

export interface Dialect {
  readonly families: readonly DialectFamily[];
  /** Labels of every series of a GPU, as between the braces. `shownName` is the host's, distinct among namesakes. */
  readonly gpuLabels: (gpu: ExposedGpu, host: ExposedHost, shownName: string) => string;
}

/** The text of each family of one host. */
export function writeHost(dialect: Dialect, host: ExposedHost, shownName: string): readonly string[] {
  const gpus = host.current ? host.gpus.filter(({ state }) => state === 'ok') : [];
  const labels = gpus.map((gpu) => dialect.gpuLabels(gpu, host, shownName));
  const instance = label('instance', shownName);
  return dialect.families.map((family) => {
    const lines: string[] = [];
    const seen = new Set<string>();
    const sayWith =
      (common: string): Say =>
      (value, more = '') => {
        const own = `${common}${more}`;
        // The same series twice would spoil the whole scrape.
        if (value == null || !Number.isFinite(value) || seen.has(own)) return;
        seen.add(own);
        lines.push(`${family.name}{${own}} ${value}\n`);
      };
    for (const [at, gpu] of gpus.entries()) family.gpu?.(gpu, sayWith(labels[at] ?? ''), host);
    if (host.lastReportAt !== null && host.state !== 'gone') family.host?.(host, sayWith(instance));
    return lines.join('');
  });
}

export const familyHead = ({ name, help, type }: DialectFamily): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

export const scaled = (value: number | null, factor: number): number | null =>
  value === null ? null : value * factor;
/** A whole number, as both exporters print shares in percent and megahertz. */
export const rounded = (value: number | null, factor: number): number | null =>
  value === null ? null : Math.round(value * factor);
export const flag = (value: boolean | null | undefined): number | null =>
  value == null ? null : value ? 1 : 0;
