import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../../lib/config/environment.ts';
import { containerOfEnvironment } from '../../../lib/cuda-compat/index.ts';
import type { CompatContainer, CompatImage } from '../../../lib/model/index.ts';
import {
  credentialsFor,
  parseImageReference,
  type RegistryCredentials,
  RegistryError,
  readImage,
} from '../../../lib/registry/index.ts';
import type { CheckOptions } from './options.ts';

export interface FoundImage {
  readonly image: CompatImage;
  readonly container: CompatContainer;
}

/** Docker's own file; null where there is none. */
async function dockerConfig(): Promise<{ readonly path: string; readonly text: string } | null> {
  const folder = processEnvironment()['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  const path = join(folder, 'config.json');
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new RegistryError('not-allowed', `${path} cannot be read.`, { cause: error });
  }
}

async function credentialsOf(registry: string): Promise<RegistryCredentials | null> {
  const config = await dockerConfig();
  if (config === null) return null;
  try {
    const found = credentialsFor(registry, config.text);
    if (found.kind === 'none') return null;
    if (found.kind !== 'helper') return found;
    throw new RegistryError(
      'not-allowed',
      `The credentials for ${registry} are kept by docker-credential-${found.helper}, which is not asked here: point DOCKER_CONFIG at a folder whose config.json has them.`,
    );
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RegistryError('unreadable', `${config.path} is not JSON.`, { cause: error });
  }
}

/** An image from its registry. Throws a RegistryError. */
export async function imageFromRegistry(reference: string, options: CheckOptions): Promise<FoundImage> {
  const parsed = parseImageReference(reference);
  const credentials = typeof parsed === 'string' ? null : await credentialsOf(parsed.registry);
  const { digest, environment } = await readImage(reference, {
    credentials,
    isInsecure: options.isInsecure,
    ...(options.platform === null ? {} : { platform: options.platform }),
  });
  return {
    image: { reference, digest, from: 'registry' },
    container: containerOfEnvironment(environment),
  };
}
