import { readFile } from 'node:fs/promises';
import type { ImageRegistryConfig } from '../../config/image-registry-settings.ts';
import { containerOfEnvironment } from '../../cuda-compat/index.ts';
import type { CompatContainer, CompatImage } from '../../model/index.ts';
import {
  credentialsFor,
  type FoundCredentials,
  parseImageReference,
  type RegistryCredentials,
  RegistryError,
  readImage,
} from '../../registry/index.ts';
import { HubError } from '../errors.ts';

export interface RegistryImage {
  readonly image: CompatImage;
  readonly container: CompatContainer;
}

const deadlineMilliseconds = 15_000;
const dockerHub = 'registry-1.docker.io';
const hubNames = ['docker.io', 'index.docker.io', dockerHub];

const isAllowed = (registry: string, { registries }: ImageRegistryConfig): boolean =>
  registries.some((each) => each === registry || (registry === dockerHub && hubNames.includes(each)));

function credentialsIn(text: string, registry: string): FoundCredentials {
  try {
    return credentialsFor(registry, text);
  } catch {
    // Without the parser's own words as the cause: they quote the file, and so what is secret in it.
    throw new HubError('unavailable', 'The file of --image-registry-auth is not JSON.');
  }
}

async function credentialsOf(
  registry: string,
  { authFile }: ImageRegistryConfig,
): Promise<RegistryCredentials | null> {
  if (authFile === null) return null;
  const text = await readFile(authFile, 'utf8').catch((error: unknown) => {
    throw new HubError('unavailable', 'The file of --image-registry-auth cannot be read.', {
      cause: error,
    });
  });
  const found = credentialsIn(text, registry);
  if (found.kind === 'helper')
    throw new HubError(
      'unavailable',
      `The credentials for ${registry} are kept by the program docker-credential-${found.helper}, which the hub does not run: write them into the file of --image-registry-auth.`,
    );
  return found.kind === 'none' ? null : found;
}

/**
 * What an image needs, from its registry: only one that the settings name is ever asked, so that nobody makes the hub
 * knock at other doors. Throws `not-found`, `unprocessable` and `unavailable`.
 */
export async function imageFromRegistry(
  reference: string,
  config: ImageRegistryConfig,
): Promise<RegistryImage> {
  const parsed = parseImageReference(reference);
  if (typeof parsed === 'string')
    throw new HubError('unprocessable', 'Fields are not as they should be.', {
      errors: [{ pointer: '/image', detail: `The image ${parsed}.` }],
    });
  const { registry } = parsed;
  if (!isAllowed(registry, config))
    throw new HubError(
      'not-found',
      `No host of the fleet has the image ${reference} in use, and the hub may not ask ${registry === dockerHub ? 'docker.io' : registry} for it (--image-registry). Say its CUDA and its NVIDIA_REQUIRE_CUDA instead.`,
    );
  return remembered(`${config.authFile}\n${reference}`, () => readAllowed(reference, registry, config));
}

/** A page that is open asks again and again, and registries count: Docker Hub allows a stranger a hundred reads in six hours. */
const keptMilliseconds = 300_000;
const mostKept = 500;
const kept = new Map<string, { readonly atMillis: number; readonly image: Promise<RegistryImage> }>();

/** The same answer for five minutes, and one question at a time; a failure is forgotten at once. */
function remembered(key: string, read: () => Promise<RegistryImage>): Promise<RegistryImage> {
  const nowMillis = performance.now();
  const known = kept.get(key);
  if (known !== undefined && nowMillis - known.atMillis < keptMilliseconds) return known.image;
  kept.delete(key);
  const [oldest] = kept.keys();
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  const made = { atMillis: nowMillis, image: read() };
  kept.set(key, made);
  made.image.catch(() => {
    if (kept.get(key) === made) kept.delete(key);
  });
  return made.image;
}

async function readAllowed(
  reference: string,
  registry: string,
  config: ImageRegistryConfig,
): Promise<RegistryImage> {
  try {
    const { digest, environment } = await readImage(reference, {
      credentials: await credentialsOf(registry, config),
      isInsecure: false,
      deadlineMilliseconds,
    });
    return { image: { reference, digest, from: 'registry' }, container: containerOfEnvironment(environment) };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const code =
      error.code === 'not-found' ? 'not-found' : error.code === 'bad-reference' ? 'invalid' : 'unavailable';
    throw new HubError(code, error.message, { cause: error });
  }
}
