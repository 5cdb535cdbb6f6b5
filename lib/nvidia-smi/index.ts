export { parseFailure } from './failure.ts';
export { emptyGpu, mergeGpu } from './gpu.ts';
export type * from './types.ts';
export { parseSmiXml } from './xml/index.ts';
