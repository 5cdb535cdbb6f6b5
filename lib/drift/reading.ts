import {
  type FacetName,
  type FacetReading,
  type HostSoftware,
  longestFacetValue,
  type Report,
  type SoftwareName,
  type SourceStatus,
  smiAnswers,
} from '../model/index.ts';

/** What the facets of a host are read from. */
export interface ReportedStack extends Pick<Report, 'stack' | 'sources' | 'condition' | 'failure'> {
  readonly gpus: readonly Pick<
    Report['gpus'][number],
    | 'index'
    | 'name'
    | 'state'
    | 'vbiosVersion'
    | 'persistenceMode'
    | 'computeMode'
    | 'migMode'
    | 'eccMode'
    | 'migDevices'
    | 'power'
  >[];
  readonly pciGpus?: Report['pciGpus'];
  /** What the agent told last beside its reports; null: it tells none. */
  readonly software: HostSoftware | null;
  readonly agentVersion: string | null;
}

export type Reader = (report: ReportedStack) => FacetReading;
export type Readers<Name extends FacetName> = Readonly<Record<Name, Reader>>;

export const told = (value: string, reason: string, note: string | null = null): FacetReading => ({
  value: value.slice(0, longestFacetValue),
  missing: null,
  reason,
  note,
});

export const without = (missing: 'absent' | 'unknown', reason: string): FacetReading => ({
  value: null,
  missing,
  reason,
  note: null,
});

export const sourceOf = (report: ReportedStack, name: string): SourceStatus | null =>
  report.sources.find((each) => each.source === name) ?? null;

export const ifSmiAnswers = (report: ReportedStack, value: string | null): string | null =>
  smiAnswers(report) ? value : null;

/** Why a source of the report tells no value. */
export function missingOf(
  report: ReportedStack,
  name: string,
  { from, absentWords }: { readonly from: string; readonly absentWords: string },
): FacetReading {
  const source = sourceOf(report, name);
  if (source === null) return without('unknown', 'its agent does not tell');
  if (source.runs === 0) return without('unknown', 'not read: the agent has not asked, or was told not to');
  if (source.state === 'absent') return without('absent', absentWords);
  const failure = source.failure ?? (source.state === 'ok' ? null : report.failure);
  const why = failure?.message.split('\n', 1)[0] ?? `${from} did not tell`;
  return without('unknown', source.state === 'paused' ? 'the agent is paused' : why.slice(0, 300));
}

/** A facet that the agent tells beside its reports. */
export const fromSoftware =
  (name: SoftwareName): Reader =>
  ({ software }) => {
    if (software === null) return without('unknown', 'its agent does not tell; a newer one does');
    const fact = software.facts[name];
    if (fact === undefined) return without('unknown', 'its agent does not tell');
    if (fact.value !== null && fact.value !== '') return told(fact.value, fact.reason);
    return without(fact.missing ?? 'unknown', fact.reason);
  };
