import { judge } from '../../lib/cuda-compat/index.ts';
import {
  type CompatCheckAnswer,
  type CompatContainer,
  type CompatGpu,
  type CompatHost,
  type CompatImage,
  runsAtAll,
  type VerdictKind,
} from '../../lib/model/index.ts';
import { RegistryError } from '../../lib/registry/index.ts';
import { fleetText, verdictText } from './check/answer-text.ts';
import { askHub } from './check/ask-hub.ts';
import { imageFromRegistry } from './check/find-image.ts';
import { type CheckOptions, readOptions, usage } from './check/options.ts';
import { questionOf, questionWith } from './check/question.ts';
import { HubQuestionError } from './hub-request.ts';

const complain = (text: string, code: number): number => {
  process.stderr.write(`gpufleet check: ${text}\n`);
  return code;
};

const exitCodeOf = (verdict: VerdictKind): number =>
  verdict === 'unknown' ? 4 : runsAtAll({ verdict }) ? 0 : 1;

/** What options alone describe: what is not named is not there. */
const nothing: CompatContainer = {
  cuda: null,
  cudaVersionVariable: null,
  requirements: [],
  disableRequire: null,
  compatPackage: 'none',
  driverCapabilities: null,
  injection: null,
  hasPtx: null,
};

/** What an option says wins over what the image says. */
function containerOf(own: CompatContainer, options: CheckOptions): CompatContainer {
  const { require, cuda, compat, injection } = options;
  const others = own.requirements.filter(({ name }) => name !== 'NVIDIA_REQUIRE_CUDA');
  return {
    ...own,
    ...(cuda === null ? {} : { cuda: { version: cuda, from: 'given' as const } }),
    ...(require === null
      ? {}
      : { requirements: [...others, { name: 'NVIDIA_REQUIRE_CUDA', value: require }] }),
    ...(compat === null ? {} : { compatPackage: packageOf(compat) }),
    injection,
  };
}

const packageOf = (compat: string): CompatContainer['compatPackage'] =>
  compat === 'none'
    ? 'none'
    : { cudaVersion: compat, driverVersion: null, driverBranches: null, isUsed: null };

const gpuOf = (text: string): CompatGpu => {
  const isCapability = /^\d{1,2}\.\d$/.test(text);
  return {
    name: isCapability ? null : text,
    computeCapability: isCapability ? text : null,
    brand: null,
    productClass: null,
    migEnabled: null,
  };
};

const hostOf = ({ driver, gpus, toolkit }: CheckOptions): CompatHost => ({
  kernelDriverVersion: driver,
  moduleFlavour: null,
  gpus: gpus.map(gpuOf),
  toolkitVersion: toolkit,
  disablesRequire: null,
  isJetson: false,
  isWsl: false,
});

async function checkHost(options: CheckOptions): Promise<number> {
  const found = options.image === null ? null : await imageFromRegistry(options.image, options);
  const host = hostOf(options);
  const container = containerOf(found?.container ?? nothing, options);
  const verdict = judge(host, container);
  const json = { ...verdict, image: found?.image ?? null, host, container };
  process.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : verdictText(verdict));
  return exitCodeOf(verdict.verdict);
}

/** Best of all hosts; unknown beats what is known not to run, since it might. */
function overallOf({ outcomes }: CompatCheckAnswer): VerdictKind {
  const kinds = outcomes.filter(({ hosts }) => hosts.length > 0).map(({ verdict }) => verdict.verdict);
  return (
    kinds.find((kind) => kind === 'runs') ??
    kinds.find((kind) => kind === 'runs-with-limits') ??
    kinds.find((kind) => kind === 'unknown') ??
    kinds[0] ??
    'unknown'
  );
}

interface FleetAnswer {
  readonly answer: CompatCheckAnswer;
  readonly image: CompatImage | null;
}

/** The fleet knows the images that it runs; any other comes from its registry. */
async function askFleet(options: CheckOptions): Promise<FleetAnswer> {
  const { image } = options;
  try {
    const answer = await askHub(questionOf(options), options);
    return { answer, image: answer.image };
  } catch (error) {
    if (image === null || !(error instanceof HubQuestionError) || error.status !== 404) throw error;
  }
  const found = await imageFromRegistry(image, options);
  const question = questionWith(options, found.container);
  if (question.require === undefined && question.cuda === undefined)
    throw new RegistryError(
      'unreadable',
      `The image ${image} says nothing of CUDA (no CUDA_VERSION, no NVIDIA_REQUIRE_CUDA): say it with --cuda or --require.`,
    );
  return { answer: await askHub(question, options), image: found.image };
}

async function checkFleet(options: CheckOptions): Promise<number> {
  const { answer, image } = await askFleet(options);
  const overall = overallOf(answer);
  const json = { verdict: overall, hub: options.hub?.origin ?? null, ...answer, image };
  process.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : fleetText(answer, overall));
  return exitCodeOf(overall);
}

/** The `check` verb; resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') return complain(`${options} (gpufleet check --help tells more)`, 2);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await (options.hub === null ? checkHost(options) : checkFleet(options));
  } catch (error) {
    if (error instanceof RegistryError)
      return complain(error.message, error.code === 'bad-reference' ? 2 : 3);
    if (error instanceof HubQuestionError)
      return complain(error.message, error.status === 400 || error.status === 422 ? 2 : 3);
    throw error;
  }
}
