import { SettingError } from './parsers.ts';
import { list, parseText, value } from './read-settings.ts';

function parseRegistry(text: string): string {
  if (/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(text))
    return text.toLowerCase();
  throw new SettingError('is no registry: HOST or HOST:PORT, without a path');
}

/** Which registries the hub may ask for images that no host has; a part of its settings. */
export const imageRegistrySettings = {
  imageRegistry: list(parseRegistry, {
    placeholder: 'HOST[:PORT]',
    help: 'registry that may be asked what an image needs, such as nvcr.io or docker.io; may be repeated. None unless told',
  }),
  imageRegistryAuth: value(parseText, null, {
    placeholder: 'FILE',
    help: "Docker's config.json with the credentials for it; read anew at each question",
  }),
};

export interface ImageRegistryConfig {
  /** Host with port, in small letters; only these are ever asked. */
  readonly registries: readonly string[];
  /** Absolute. */
  readonly authFile: string | null;
}
