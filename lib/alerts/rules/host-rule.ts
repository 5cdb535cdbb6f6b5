import type { AlertFacts, AlertRuleSettings, AlertScope, AlertSeverity, Fault } from '../../model/index.ts';
import { isHostIn, isModelIn } from './matching.ts';
import type { HostReading } from './rule.ts';

/** A number that the fleet file may change. */
export interface Threshold {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** What it is, as the end of a sentence. */
  readonly says: string;
}

/** What a rule finds on one host. */
export interface Found {
  /** Names it within the host: a GPU's uuid, `xid:79 GPU-…`; empty for the host itself. */
  readonly subject: string;
  /** Name of the GPU's model, for the scope of models; null of what is no GPU's. */
  readonly model: string | null;
  /** Without `hosts`, and `since` null where nobody knows: then it is when the rule first saw it. */
  readonly facts: Omit<AlertFacts, 'hosts' | 'since'> & { readonly since: string | null };
  /** Only goes on, and does not begin: between the value that fires and the one that clears. */
  readonly lingers?: boolean;
  /** Hub clock: until when it holds without being told anew; left out: for as long as it is told. */
  readonly untilMillis?: number;
}

export interface Judging {
  readonly severity: AlertSeverity;
  readonly threshold: number;
  readonly hubVersion: string;
}

/** A rule about one host at a time: what it finds depends on that host's reading alone. */
export interface HostRule {
  readonly name: string;
  readonly severity: AlertSeverity;
  readonly watches: string;
  readonly afterSeconds: number;
  readonly clearSeconds?: number;
  readonly cleared: string;
  /**
   * `numbers`: a report of now. `state`: it reports, whatever its driver does. `numbers-to-end`: it reports, and only
   * a report of now can say that what was found is over.
   */
  readonly needs: 'numbers' | 'state' | 'numbers-to-end';
  readonly threshold?: Threshold;
  /** Asked for in the fleet file, or not evaluated. */
  readonly isOffByDefault?: boolean;
  readonly find: (host: HostReading, judging: Judging) => readonly Found[];
}

/** A rule with what the fleet file says of it. */
export interface ConfiguredHostRule extends HostRule {
  readonly judgingThreshold: number;
  readonly scope: AlertScope | null;
  readonly isOn: boolean;
}

export const configuredRule = (
  rule: HostRule,
  settings: AlertRuleSettings | undefined,
): ConfiguredHostRule => ({
  ...rule,
  severity: settings?.severity ?? rule.severity,
  afterSeconds: settings?.forSeconds ?? rule.afterSeconds,
  ...(settings?.clearForSeconds == null ? {} : { clearSeconds: settings.clearForSeconds }),
  judgingThreshold: settings?.threshold ?? rule.threshold?.default ?? 0,
  scope: settings?.scope ?? null,
  isOn: settings?.isOn ?? rule.isOffByDefault !== true,
});

/** What a configured rule finds on a host, with its scope. */
export function findOn(rule: ConfiguredHostRule, host: HostReading, hubVersion: string): readonly Found[] {
  if (!isHostIn(rule.scope, host)) return [];
  const { severity, judgingThreshold: threshold, scope } = rule;
  const found = rule.find(host, { severity, threshold, hubVersion });
  return scope?.models == null ? found : found.filter(({ model }) => isModelIn(scope, model));
}

/** What every alert about one GPU says of it. */
export interface NamedGpu {
  /** Stays for the GPU, within its host. */
  readonly key: string;
  /** `gpu-01 GPU 3` */
  readonly words: string;
  readonly model: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly href: string;
}

export function namedGpu(
  host: HostReading,
  gpu: {
    readonly uuid: string | null;
    readonly index: number | null;
    readonly pciBusId: string | null;
  },
): NamedGpu {
  const { uuid, index, pciBusId } = gpu;
  const known = host.report?.gpus.find(
    (each) => (uuid !== null && each.uuid === uuid) || (pciBusId !== null && each.pciBusId === pciBusId),
  );
  const number = index ?? known?.index ?? null;
  const where = number === null ? (pciBusId ?? uuid ?? '?') : String(number);
  const realUuid = known?.uuid ?? (uuid?.startsWith('GPU-') === true ? uuid : null);
  return {
    key: realUuid ?? pciBusId ?? `gpu ${where}`,
    words: `${host.hostname} GPU ${where}`,
    model: known?.name ?? null,
    labels: {
      ...(number === null ? {} : { gpu: String(number) }),
      ...(realUuid === null ? {} : { uuid: realUuid }),
    },
    href: realUuid === null ? hostHref(host) : `/gpus/${encodeURIComponent(realUuid)}`,
  };
}

export const hostHref = ({ id }: Pick<HostReading, 'id'>, tab: string | null = null): string =>
  `/hosts/${encodeURIComponent(id)}${tab === null ? '' : `?tab=${tab}`}`;

/** An alert from a fault of the table of faults, in its words and with its advice. */
export function fromFault(
  host: HostReading,
  fault: Fault,
  more: { readonly severity: AlertSeverity; readonly whyItMatters: string; readonly subject?: string },
): Found {
  const gpu = namedGpu(host, { uuid: fault.gpuUuid, index: fault.gpuIndex, pciBusId: fault.pciBusId });
  const { title, advice, source } = fault;
  return {
    subject: more.subject ?? gpu.key,
    model: gpu.model,
    facts: {
      severity: more.severity,
      cause: title,
      what: `${gpu.words}: ${title}`,
      since: fault.since,
      whyItMatters: more.whyItMatters,
      whatToDo: source === null ? advice : `${advice} See ${source}`,
      href: gpu.href,
      labels: gpu.labels,
    },
  };
}
