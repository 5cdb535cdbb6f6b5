export { parseFailure } from './failure.ts';
export { emptyGpu, mergeGpu } from './gpu.ts';
export { parseSmiList } from './list.ts';
export { withMigNames } from './mig-names.ts';
export { isQueryAppsHead, parseQueryApps } from './query-apps.ts';
export { createQueryGpuReader, isQueryGpuHead, parseQueryGpu, queryGpuFields } from './query-gpu/index.ts';
export type * from './types.ts';
export { parseSmiVersion } from './version.ts';
export { parseSmiXml } from './xml/index.ts';
