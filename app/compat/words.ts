import type {
  CompatCheckRequest,
  CompatLayer,
  CompatWay,
  CudaEvidence,
  VerdictKind,
} from '../../lib/model/index.ts';

export const verdictWords: Readonly<Record<VerdictKind, string>> = {
  runs: 'runs',
  'runs-with-limits': 'runs, with limits',
  'refused-at-start': 'refused at start',
  'fails-at-init': 'CUDA fails',
  'gpu-not-supported': 'GPU not supported',
  unknown: 'not known',
};

export const verdictMeanings: Readonly<Record<VerdictKind, string>> = {
  runs: 'It starts and can use CUDA.',
  'runs-with-limits': 'It starts and can use CUDA, and something newer is missing.',
  'refused-at-start': 'The container toolkit refuses to start it.',
  'fails-at-init': 'It starts, and its first call of CUDA fails.',
  'gpu-not-supported': 'Its CUDA, or the driver, has nothing for this GPU.',
  unknown: 'Something that decides is not known; nothing is guessed.',
};

export const wayWords: Readonly<Record<CompatWay, string>> = {
  native: 'the driver has this CUDA',
  'minor-version': 'by minor-version compatibility',
  'forward-compat': 'by forward compatibility',
};

export const evidenceWords: Readonly<Record<CudaEvidence, string>> = {
  'mapped-library': 'libraries that its processes have mapped',
  environment: "its image's environment",
  'version-file': 'the version file of its image',
  requirement: 'what it requires',
  given: 'given here',
};

export const layerWords: Readonly<Record<CompatLayer, string>> = {
  driver: 'Host driver',
  gpu: 'GPU',
  toolkit: 'Container toolkit',
  container: "Container's CUDA",
};

/** What someone typed, without a compat package unless an image has one: a requirement (`cuda>=12.8`), a CUDA version (`12.8`), else an image. Null: nothing. */
export function readAsk(text: string): CompatCheckRequest | null {
  const asked = text.trim();
  if (asked === '') return null;
  if (/^(?:cuda|driver|arch|brand)\s*[<>=!]/i.test(asked)) {
    // As NVIDIA's images do, one that requires a CUDA is taken to have it.
    const required = /(?:^|[\s,])cuda>=(\d{1,2}\.\d{1,2})/.exec(asked)?.[1];
    return { require: asked, compat: 'none', ...(required === undefined ? {} : { cuda: required }) };
  }
  const cuda = /^(?:cuda\s*)?(\d{1,2}\.\d{1,2}(?:\.\d{1,3})?)$/i.exec(asked)?.[1];
  return cuda === undefined ? { image: asked } : { cuda, compat: 'none' };
}

/** What it was taken for, for people. */
export function askWords(request: CompatCheckRequest): string {
  if (request.require !== undefined) return request.require;
  return request.cuda === undefined ? (request.image ?? '') : `CUDA ${request.cuda}`;
}

/** Path of the page with a question or a cell in it. */
export const compatHref = (params: Readonly<Record<string, string>>): string =>
  `/compat?${new URLSearchParams(params)}`;
