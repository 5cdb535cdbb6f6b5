/** Where an image is, as an image reference of Docker says it. */
export interface ImageReference {
  /** `registry.example:5000`; Docker Hub is `registry-1.docker.io`. */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest `sha256:…`. */
  readonly version: string;
}

const dockerHub = 'registry-1.docker.io';
const hubNames = new Set(['docker.io', 'index.docker.io', dockerHub]);
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const repositoryForm = new RegExp(`^${component}(?:/${component})*$`);
const registryForm = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

/** Reads `name`, `name:tag`, `host:5000/name@sha256:…`; or says, as the end of a sentence, what is wrong. */
export function parseImageReference(text: string): ImageReference | string {
  if (text.length > 500) return 'is longer than 500 characters';
  const [named = '', digest, ...rest] = text.split('@');
  if (rest.length > 0) return 'has more than one @';
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    return `has "${digest}" where sha256: and 64 hex digits belong`;
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  const path = hasRegistry ? named.slice(slash + 1) : named;
  const colon = path.lastIndexOf(':');
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? null : path.slice(colon + 1);
  if (hasRegistry && (!registryForm.test(first) || !URL.canParse(`https://${first}`)))
    return `has "${first}", which is no host of a registry`;
  if (!repositoryForm.test(repository))
    return `has "${repository}" where a name in small letters belongs, such as team/image`;
  if (tag !== null && !/^\w[\w.-]{0,127}$/.test(tag)) return `has "${tag}", which is no tag`;
  const isHub = !hasRegistry || hubNames.has(first);
  return {
    registry: isHub ? dockerHub : first,
    repository: isHub && !repository.includes('/') ? `library/${repository}` : repository,
    version: digest ?? tag ?? 'latest',
  };
}
