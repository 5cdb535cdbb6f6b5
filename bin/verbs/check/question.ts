import { majorMinorOf } from '../../../lib/cuda-compat/index.ts';
import type { CompatCheckRequest, CompatContainer } from '../../../lib/model/index.ts';
import type { CheckOptions } from './options.ts';

/** What a hub is asked, as the options say it. */
export function questionOf(options: CheckOptions): CompatCheckRequest {
  const { image, require, cuda, compat, injection, toolkit, groups, labels } = options;
  return {
    ...(image === null ? {} : { image }),
    ...(require === null ? {} : { require }),
    ...(cuda === null ? {} : { cuda }),
    // Options alone describe all that there is; an image may carry more than they say.
    ...(compat !== null ? { compat } : image === null ? { compat: 'none' } : {}),
    ...(injection === null ? {} : { injection }),
    ...(toolkit === null ? {} : { toolkit }),
    ...(groups.length === 0 ? {} : { group: groups }),
    ...(labels.length === 0 ? {} : { label: labels }),
  };
}

const termsOf = (requirement: string): readonly string[] => requirement.split(/\s+/).filter(Boolean);

/** Both hold: each alternative of one with each of the other. */
const both = (a: string, b: string): string =>
  termsOf(a)
    .flatMap((one) => termsOf(b).map((other) => `${one},${other}`))
    .join(' ');

/** All that an image's variables require, as one; undefined: nothing that anybody checks. */
function requirementOf(container: CompatContainer): string | undefined {
  const { requirements, cudaVersionVariable, disableRequire } = container;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(disableRequire ?? '')) return undefined;
  const set = requirements.filter(({ name }) => !name.startsWith('NVIDIA_REQUIRE_JETPACK'));
  const version = cudaVersionVariable === null ? null : majorMinorOf(cudaVersionVariable);
  // Without NVIDIA_REQUIRE_CUDA the toolkit takes CUDA_VERSION for it.
  const isDerived = version !== null && !set.some(({ name }) => name === 'NVIDIA_REQUIRE_CUDA');
  const all = [...set.map(({ value }) => value), ...(isDerived ? [`cuda>=${version}`] : [])];
  return all
    .filter((value) => value.trim() !== '')
    .reduce<string | undefined>((sum, value) => (sum === undefined ? value : both(sum, value)), undefined);
}

/** The question without its image, which this machine looked up itself. */
export function questionWith(options: CheckOptions, container: CompatContainer): CompatCheckRequest {
  const { image: _, ...question } = questionOf(options);
  const { cuda, compatPackage, driverCapabilities } = container;
  const require = requirementOf(container);
  const compat = compatPackage === 'none' ? 'none' : (compatPackage?.cudaVersion ?? null);
  return {
    ...(require === undefined ? {} : { require }),
    ...(cuda === null ? {} : { cuda: cuda.version }),
    ...(compat === null ? {} : { compat }),
    ...(driverCapabilities === null ? {} : { driverCapabilities }),
    ...question,
  };
}
