import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { HubError } from '../errors.ts';

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The built pages, which take a moment to load; everything else answers meanwhile. */
export interface Pages {
  /** True once they are loaded. */
  readonly isReady: boolean;
  /** Waits until they are loaded. Rejects with `unavailable` when they are not built or do not load. */
  handler(): Promise<PageHandler>;
}

export interface PagesOptions {
  /** The checkout, with `.next` in it. */
  readonly folder: string;
  /** Loads Next and prepares it. */
  readonly load: (folder: string) => Promise<PageHandler>;
  readonly log: (line: string) => void;
}

/** Pages that load in the background, or that say why not. */
export function loadPages({ folder, load, log }: PagesOptions): Pages {
  if (!existsSync(join(folder, '.next', 'BUILD_ID'))) {
    const missing = new HubError('unavailable', 'The pages are not built: run "npm run build".');
    return { isReady: false, handler: () => Promise.reject(missing) };
  }
  let isReady = false;
  const loading = load(folder).then(
    (handler) => {
      isReady = true;
      return handler;
    },
    (error: unknown) => {
      log(`the pages do not load: ${error instanceof Error ? error.message : String(error)}`);
      throw new HubError('unavailable', 'The pages do not load; the log tells why.', { cause: error });
    },
  );
  loading.catch(() => undefined);
  return {
    get isReady() {
      return isReady;
    },
    handler: () => loading,
  };
}

/** For tests and small machines that only want the API. */
export const noPages: Pages = {
  isReady: false,
  handler: () => Promise.reject(new HubError('unavailable', 'This hub runs without pages.')),
};
