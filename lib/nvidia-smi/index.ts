export { type DmonRow, isDmonHead, parseSmiDmon, type SmiDmon } from './dmon.ts';
export { isCompleteAnswer, isGpuFailureLine, parseFailure } from './failure.ts';
export { emptyGpu, mergeGpu } from './gpu.ts';
export { isHelpText, parseSmiHelp, type SmiHelp, type SmiHelpField } from './help.ts';
export { parseSmiList } from './list.ts';
export { isMigText, parseSmiMig, type SmiMig } from './mig.ts';
export { withMigNames } from './mig-names.ts';
export { isNvlinkText, parseSmiNvlink, type SmiNvlink } from './nvlink.ts';
export { fieldOrigins } from './origins.ts';
export { plainText } from './plain-text.ts';
export { isPmonHead, type PmonRow, parseSmiPmon, type SmiPmon } from './pmon.ts';
export { createPmonShareReader, isPlainPmonLine, type PmonShare } from './pmon-shares.ts';
export { createProblemLog } from './problems.ts';
export { isHeadlessAppsRow, isQueryAppsHead, parseQueryApps } from './query-apps.ts';
export {
  createQueryGpuReader,
  isQueryGpuHead,
  otherQueryNames,
  parseNewFields,
  parseQueryGpu,
  queryGpuFields,
  unknownQueryNames,
} from './query-gpu/index.ts';
export { type RawDocument, rawQueryRow, rawSmiXml } from './raw.ts';
export { isTableText, parseSmiTable, type SmiTable } from './table/index.ts';
export { isTegrastatsText, parseTegrastats, type Tegrastats } from './tegrastats.ts';
export { isSmiText, parseSmiText } from './text/index.ts';
export { isTopoText, parseSmiTopo, type SmiTopo } from './topo.ts';
export type * from './types.ts';
export { parseSmiVersion } from './version.ts';
export { isVgpuText, parseSmiVgpu, type SmiVgpu } from './vgpu.ts';
export { createXmlMemory, parseSmiXml, type XmlMemory } from './xml/index.ts';
