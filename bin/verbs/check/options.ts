import { parseArgs } from 'node:util';
import { faultsOf, faultText, parseRequirement, versionNumbers } from '../../../lib/cuda-compat/index.ts';
import { type Injection, injections } from '../../../lib/model/index.ts';

export const usage = `Usage: gpufleet check [IMAGE] [options]

Says whether an image, or what it requires, runs: on one host that the options describe, or in a hub's fleet.

What is to run:
  IMAGE                  looked up among the hub's images (with --hub), else in its registry,
                         with the credentials of Docker's config.json
  --require EXPR         as NVIDIA_REQUIRE_CUDA: space is OR, comma is AND ('cuda>=12.8')
  --cuda X.Y             CUDA of its programs
  --compat X.Y|none      CUDA of a compat package in it; without IMAGE: none, unless told
  --injection WAY        how it gets its GPU: ${injections.join(', ')}
  --platform OS/ARCH     which image of several (linux/amd64)
  --insecure-registry    the registry may be asked without TLS; one on this machine always may

Where, one host:
  --driver V             version of the kernel driver
  --gpu NAME_OR_CC       a GPU by its name (H100) or compute capability (9.0); may be repeated
  --toolkit V            version of the NVIDIA Container Toolkit

Where, a fleet:
  --hub URL              asks this hub
  --token-file FILE      API token of the hub; - is stdin
  --ca-file FILE         authority that signed the hub's certificate
  --group G, --label K=V only these hosts; may be repeated

  --json                 one JSON document on stdout
  --help                 this text

Exit codes: 0 it runs (with --hub: on at least one host), 1 it does not, 4 unknown, 2 bad usage,
3 hub or registry could not be read.
`;

export interface CheckOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly image: string | null;
  readonly require: string | null;
  readonly cuda: string | null;
  readonly compat: string | null;
  readonly injection: Injection | null;
  readonly platform: { readonly os: string; readonly architecture: string } | null;
  readonly isInsecure: boolean;
  readonly driver: string | null;
  readonly gpus: readonly string[];
  readonly toolkit: string | null;
  readonly hub: URL | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
  readonly groups: readonly string[];
  readonly labels: readonly string[];
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

class OptionFault extends Error {}

/** The options, or one line that says what is wrong. */
export function readOptions(argv: readonly string[]): CheckOptions | string {
  try {
    return checked(argv);
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

function parsed(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      ...{ require: text, cuda: text, compat: text, injection: text, platform: text },
      ...{ driver: text, gpu: texts, toolkit: text, hub: text, group: texts, label: texts },
      ...{ 'insecure-registry': flag, 'token-file': text, 'ca-file': text, json: flag },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function checked(argv: readonly string[]): CheckOptions {
  const { values, positionals } = parsed(argv);
  if (positionals.length > 1) throw new OptionFault(`one image at a time: ${positionals.join(' ')}`);
  const options: CheckOptions = {
    help: values.help === true,
    json: values.json === true,
    image: positionals[0] ?? null,
    require: requirement(values.require),
    cuda: version('--cuda', values.cuda),
    compat: values.compat === 'none' ? 'none' : version('--compat', values.compat),
    injection: injectionOf(values.injection),
    platform: platformOf(values.platform),
    isInsecure: values['insecure-registry'] === true,
    driver: version('--driver', values.driver),
    gpus: values.gpu ?? [],
    toolkit: version('--toolkit', values.toolkit),
    hub: hubOf(values.hub),
    tokenFile: values['token-file'] ?? null,
    caFile: values['ca-file'] ?? null,
    groups: values.group ?? [],
    labels: values.label ?? [],
  };
  if (!options.help) checkTogether(options);
  return options;
}

function checkTogether({ image, require, cuda, hub, driver, gpus, ...others }: CheckOptions): void {
  if (image === null && require === null && cuda === null)
    throw new OptionFault('what is to run? An image, --require or --cuda');
  const describesHost = driver !== null || gpus.length > 0;
  if (hub === null && !describesHost)
    throw new OptionFault('where is it to run? --driver and --gpu, or --hub');
  if (hub !== null && describesHost)
    throw new OptionFault('--hub asks for the hosts of a fleet: leave --driver and --gpu out');
  const { tokenFile, caFile, groups, labels } = others;
  const ofHub = tokenFile !== null || caFile !== null || groups.length > 0 || labels.length > 0;
  if (hub === null && ofHub)
    throw new OptionFault('--token-file, --ca-file, --group and --label go with --hub');
}

function version(name: string, given: string | undefined): string | null {
  if (given === undefined) return null;
  if (versionNumbers(given) === null)
    throw new OptionFault(`${name}: "${given}" is no version, such as 12.8`);
  return given;
}

function requirement(given: string | undefined): string | null {
  if (given === undefined) return null;
  const [fault] = faultsOf(parseRequirement(given));
  if (fault !== undefined) throw new OptionFault(`--require: ${faultText(fault)}`);
  return given;
}

function injectionOf(given: string | undefined): Injection | null {
  if (given === undefined) return null;
  const known = injections.find((each) => each === given);
  if (known === undefined)
    throw new OptionFault(`--injection: "${given}" is none of ${injections.join(', ')}`);
  return known;
}

function platformOf(given: string | undefined): CheckOptions['platform'] {
  if (given === undefined) return null;
  const [, os, architecture] = /^([a-z]+)\/([a-z0-9]+)$/.exec(given) ?? [];
  if (os === undefined || architecture === undefined)
    throw new OptionFault(`--platform: "${given}" is no platform, such as linux/arm64`);
  return { os, architecture };
}

function hubOf(given: string | undefined): URL | null {
  if (given === undefined) return null;
  const url = URL.parse(given);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new OptionFault(`--hub: "${given}" is no address, such as https://gpus.example`);
  return url;
}
