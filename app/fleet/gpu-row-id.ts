import type { GpuSummary, HostSummary } from '../../lib/model/index.ts';

/**
 * A GPU as a row of a list of several hosts. Two hosts can tell of one GPU: a machine that was set up anew, and what it was
 * before. By its uuid alone React would leave rows of old numbers behind.
 */
export const gpuRowId = (row: {
  readonly host: Pick<HostSummary, 'id'>;
  readonly gpu: Pick<GpuSummary, 'uuid'>;
}): string => `${row.host.id} ${row.gpu.uuid}`;
