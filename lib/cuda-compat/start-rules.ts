import { invalidRequirementText, noDriverLibraryText, refusalText } from './error-texts.ts';
import { brandOptions, knownGpus } from './known-gpu.ts';
import { fine, type Reasoning, type RuleOutcome, unknown } from './reasoning.ts';
import {
  type EvaluateOptions,
  evaluateRequirement,
  faultText,
  isMalformed,
  parseRequirement,
  printFactor,
  type RequirementResult,
  type RequirementSubject,
} from './requirements.ts';
import { majorMinorOf } from './versions.ts';

interface Required {
  readonly name: string;
  readonly value: string;
}

/** As Go's strconv.ParseBool reads it. */
const isTrue = (text: string): boolean => ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);

/** What the toolkit would check: without `NVIDIA_REQUIRE_CUDA`, `CUDA_VERSION` stands for it. */
function requiredBy(r: Reasoning): readonly Required[] {
  const set = r.container('requirements').filter(({ name }) => !name.startsWith('NVIDIA_REQUIRE_JETPACK'));
  if (set.some(({ name }) => name === 'NVIDIA_REQUIRE_CUDA')) return set;
  const version = r.container('cudaVersionVariable');
  const derived = version === null ? null : majorMinorOf(version);
  return derived === null ? set : [...set, { name: `CUDA_VERSION=${version}`, value: `cuda>=${derived}` }];
}

type Unmet =
  | { readonly is: 'unmet' | 'invalid'; readonly text: string; readonly what: string }
  | { readonly is: 'unknown'; readonly properties: readonly string[]; readonly what: string };

/** The first variable that does not hold for the first GPU for which one does not; null: all hold. */
function unmetOf(r: Reasoning, required: readonly Required[], isCsv: boolean): Unmet | null {
  const options: EvaluateOptions = isCsv
    ? { unknownProperty: 'skipped', doubleEquals: 'invalid' }
    : { unknownProperty: 'invalid', doubleEquals: 'invalid' };
  const parsed = required.map((each) => ({ ...each, requirement: parseRequirement(each.value) }));
  let doubt: Unmet | null = null;
  for (const subject of subjectsOf(r)) {
    for (const { name, requirement } of parsed) {
      const unmet = unmetBy(name, evaluateRequirement(requirement, subject, options));
      if (unmet?.is === 'unknown') doubt ??= unmet;
      else if (unmet !== null) return doubt ?? unmet;
    }
  }
  return doubt;
}

function unmetBy(name: string, result: RequirementResult): Unmet | null {
  switch (result.holds) {
    case true:
      return null;
    case false:
      return { is: 'unmet', text: printFactor(result.failing), what: name };
    case 'unknown':
      return { is: 'unknown', properties: result.properties, what: name };
    case 'invalid':
      return {
        is: 'invalid',
        text: isMalformed(result.fault)
          ? faultText(result.fault)
          : `"${printFactor(result.fault)}" has ==, and NVIDIA's check knows = only`,
        what: name,
      };
  }
}

/** The driver with each of the GPUs, as NVIDIA's check goes through them. */
function* subjectsOf(r: Reasoning): Generator<RequirementSubject> {
  const driver = r.host('kernelDriverVersion');
  const cuda = driver === null ? null : r.tables.cudaOfDriver(driver, r.host('isWsl'));
  const gpus = r.host('gpus');
  if (gpus.length === 0) yield { cuda, driver, arch: null, brands: null };
  // Brand and capability are read only where a requirement asks, so that a verdict does not rest on them without need.
  for (const gpu of knownGpus(r, gpus))
    yield {
      cuda,
      driver,
      get arch() {
        return gpu.computeCapability();
      },
      get brands() {
        return brandOptions(r, gpu);
      },
    };
}

/** `NVIDIA_REQUIRE_*`: who checks it, and whether it holds. */
export function startRules(r: Reasoning): RuleOutcome {
  const required = requiredBy(r);
  if (required.length === 0) {
    const text = 'The container asks for no driver or CUDA (no NVIDIA_REQUIRE_CUDA).';
    r.say({ rule: 'no-requirement', layer: 'container', outcome: 'fine', text, source: 'requirements' });
    return fine;
  }
  const isCsv = r.host('isJetson');
  const unmet = unmetOf(r, required, isCsv);
  const names = required.map(({ name }) => name).join(', ');
  if (unmet === null) {
    const text = `What the container requires holds here (${names}).`;
    r.say({ rule: 'requirement-holds', layer: 'container', outcome: 'fine', text, source: 'requirements' });
    return fine;
  }
  return uncheckedOutcome(r, unmet) ?? refusal(r, unmet, isCsv);
}

function sayUnmet(unmet: Unmet): string {
  if (unmet.is === 'unknown')
    return `Whether ${unmet.what} holds is not known (${unmet.properties.join(', ')})`;
  return unmet.is === 'unmet'
    ? `${unmet.what} asks for ${unmet.text}, which does not hold here`
    : `${unmet.what} is malformed: ${unmet.text}`;
}

/** Why nobody refuses the container all the same; null: somebody does. */
function uncheckedOutcome(r: Reasoning, unmet: Unmet): RuleOutcome | null {
  const disable = r.container('disableRequire');
  const isDisabled = (disable !== null && isTrue(disable)) || r.host('disablesRequire') === true;
  if (isDisabled) {
    const why =
      disable !== null && isTrue(disable)
        ? `NVIDIA_DISABLE_REQUIRE=${disable}`
        : "disable-require of the toolkit's config.toml";
    const text = `${sayUnmet(unmet)}, and ${why} says not to check it.`;
    r.say({
      rule: 'requirement-disabled',
      layer: 'toolkit',
      outcome: 'fine',
      text,
      source: 'dockerSpecialized',
    });
    return fine;
  }
  const injection = r.container('injection');
  if (injection === 'runtime-cdi' || injection === 'cdi-device') {
    const text = `${sayUnmet(unmet)}, but where the GPU is injected by CDI nobody checks it: the container starts, and CUDA's own rules decide.`;
    r.say({ rule: 'cdi-does-not-check', layer: 'toolkit', outcome: 'fine', text, source: 'cdiMode' });
    return fine;
  }
  if (injection !== null) return null;
  const text = `${sayUnmet(unmet)}. Whether somebody checks it depends on how the GPU is injected, which is not known.`;
  r.say({ rule: 'who-checks', layer: 'toolkit', outcome: 'unknown', text, source: 'requirements' });
  r.lack('injection', 'how the container gets its GPU: hook, runtime-legacy, runtime-cdi or cdi-device');
  return unknown;
}

function refusal(r: Reasoning, unmet: Unmet, isCsv: boolean): RuleOutcome {
  if (unmet.is === 'unknown') {
    r.say({
      rule: 'requirement-checked',
      layer: 'container',
      outcome: 'unknown',
      text: `${sayUnmet(unmet)}, and the toolkit checks it.`,
      source: 'containerCli',
    });
    for (const property of unmet.properties) lackProperty(r, property);
    return unknown;
  }
  r.say({
    rule: unmet.is === 'unmet' ? 'requirement-checked' : 'requirement-malformed',
    layer: 'container',
    outcome: 'stops',
    text: `${sayUnmet(unmet)}. The toolkit checks it before the container starts, and refuses.`,
    source: isCsv ? 'requirements' : 'containerCli',
  });
  if (unmet.is === 'invalid')
    return { is: 'stops', errorText: isCsv ? `invalid constraint: ${unmet.text}` : invalidRequirementText };
  return { is: 'stops', errorText: isCsv ? `unsatisfied condition: ${unmet.text}` : refusalText(unmet.text) };
}

function lackProperty(r: Reasoning, property: string): void {
  if (property === 'arch') r.lack('gpu.computeCapability', 'which GPU it is (its compute capability)');
  else if (property === 'brand') r.lack('gpu.brand', 'the brand of the GPU, as NVML names it');
  else if (r.host('kernelDriverVersion') === null)
    r.lack('kernelDriverVersion', 'the version of the loaded kernel driver');
  else r.lack('data', 'CUDA of this driver: it is in no table');
}

/** Without the capability `compute` the hook and the legacy runtime mount no libcuda. */
export function capabilityRules(r: Reasoning): RuleOutcome {
  const set = r.container('driverCapabilities')?.trim() ?? '';
  const all = set.split(',').map((each) => each.trim());
  if (set === '' || all.includes('all') || all.includes('compute')) return fine;
  const injection = r.container('injection');
  if (injection === null || injection === 'runtime-cdi' || injection === 'cdi-device') {
    const text = `NVIDIA_DRIVER_CAPABILITIES=${set} leaves out compute. ${
      injection === null
        ? 'Whether that counts depends on how the GPU is injected, which is not known.'
        : 'CDI mounts the whole driver all the same.'
    }`;
    const outcome = injection === null ? 'unknown' : 'fine';
    r.say({
      rule: 'driver-capabilities',
      layer: 'container',
      outcome,
      text,
      source: 'dockerSpecialized',
      confidence: 'medium',
    });
    if (injection !== null) return fine;
    r.lack('injection', 'how the container gets its GPU: hook, runtime-legacy, runtime-cdi or cdi-device');
    return unknown;
  }
  const text = `NVIDIA_DRIVER_CAPABILITIES=${set} leaves out compute, so the toolkit mounts no libcuda.`;
  r.say({
    rule: 'driver-capabilities',
    layer: 'container',
    outcome: 'stops',
    text,
    source: 'dockerSpecialized',
  });
  return { is: 'stops', errorText: noDriverLibraryText };
}
