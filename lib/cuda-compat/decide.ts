import type { CompatContainer, CompatHost, Verdict, VerdictKind } from '../model/index.ts';
import { cudaRules } from './cuda-rules.ts';
import { gpuRules } from './gpu-rules.ts';
import { leastConfidence, Reasoning, type RuleOutcome } from './reasoning.ts';
import { capabilityRules, startRules } from './start-rules.ts';
import type { Tables } from './tables.ts';

/** A verdict without its fixes. */
export type Decision = Omit<Verdict, 'fixes'>;

function sayDriver(r: Reasoning): void {
  const driver = r.host('kernelDriverVersion');
  if (driver === null) return;
  const isWsl = r.host('isWsl');
  const cuda = r.tables.cudaOfDriver(driver, isWsl);
  const has =
    cuda === null
      ? 'it is older than the tables'
      : `it has CUDA ${cuda.version}${cuda.orNewer ? ' or newer' : ''}`;
  r.say({
    rule: 'kernel-driver-decides',
    layer: 'driver',
    outcome: 'fine',
    text: isWsl
      ? `Under WSL the driver of Windows decides: ${driver}; ${has}.`
      : `The loaded kernel driver decides, not what nvidia-smi says of CUDA: ${driver}; ${has}.`,
    source: isWsl ? 'wslGuide' : 'toolkitReleaseNotes',
    confidence: r.tables.branchOf(driver)?.confidence === 'low' ? 'low' : 'high',
  });
}

/** In the order in which a user meets them: the start, the GPU, the driver's libraries, CUDA. */
export function decide(host: CompatHost, container: CompatContainer, tables: Tables): Decision {
  const r = new Reasoning(host, container, tables);
  sayDriver(r);
  const start = startRules(r);
  const gpu = gpuRules(r);
  const capability = capabilityRules(r);
  const { outcome: cuda, way } = cudaRules(r);
  const ends: readonly (readonly [RuleOutcome, VerdictKind])[] = [
    [start, 'refused-at-start'],
    [gpu, 'gpu-not-supported'],
    [capability, 'fails-at-init'],
    [cuda, 'fails-at-init'],
  ];
  const reasons = r.reasons();
  const confidence = leastConfidence(reasons.map((each) => each.confidence));
  for (const [outcome, verdict] of ends)
    if (outcome.is === 'stops')
      return {
        verdict,
        way: null,
        reasons,
        limits: [],
        errorText: outcome.errorText,
        missing: [],
        confidence,
      };
  if (ends.some(([outcome]) => outcome.is === 'unknown'))
    return {
      verdict: 'unknown',
      way: null,
      reasons,
      limits: [],
      errorText: null,
      missing: r.missing,
      confidence,
    };
  const limits = ends.flatMap(([outcome]) => (outcome.is === 'limits' ? outcome.limits : []));
  return {
    verdict: limits.length === 0 ? 'runs' : 'runs-with-limits',
    way,
    reasons,
    limits,
    errorText: null,
    missing: [],
    confidence,
  };
}
