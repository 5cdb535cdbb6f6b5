import { processEnvironment } from '../../../lib/config/environment.ts';

/** Ours, in the C locale (numbers with a point, English texts), without our own secret. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const environment: Record<string, string | undefined> = { ...processEnvironment(), LC_ALL: 'C' };
  delete environment['GPUFLEET_TOKEN'];
  return environment as NodeJS.ProcessEnv;
}
