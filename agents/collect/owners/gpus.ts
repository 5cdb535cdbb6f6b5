import { maskedCommand } from '../../../lib/masking/index.ts';
import type { Gpu, OwnedProcess, ReportedGpu } from '../../../lib/model/index.ts';
import { gpuAccounting, ownerPlace } from '../../../lib/owners/index.ts';
import type { GpusView } from '../gpus/index.ts';
import type { Processes } from '../processes/index.ts';
import type { GpuShares, Shares } from '../shares/index.ts';

export interface GpuOwnersInput {
  readonly processes: Pick<Processes, 'factsOf' | 'userName'>;
  readonly shares: Pick<Shares, 'of'>;
}

/** GPUs as a report has them: each process with its owner and share, and how the GPU's numbers divide. */
export function reportGpus(
  view: Pick<GpusView, 'gpus'>,
  { processes, shares }: GpuOwnersInput,
): ReportedGpu[] {
  return view.gpus.map(({ gpu, detailsMemoryUsedBytes, ...rest }) => {
    const told = shares.of({
      index: gpu.index,
      isMig: gpu.migMode?.current === true,
      hasProcesses: gpu.processes.length > 0,
    });
    const owned = gpu.processes.map((process) => ownedProcess(process, told, processes));
    const accounting = gpuAccounting({
      usedBytes: detailsMemoryUsedBytes,
      gpuRatio: gpu.utilization.gpuRatio,
      processes: owned,
      sharesSampledAt: told.sampledAt,
      sharesProblem: told.problem,
    });
    return { ...gpu, ...rest, processes: owned, detailsMemoryUsedBytes, accounting };
  });
}

function ownedProcess(
  process: Gpu['processes'][number],
  { byPid }: GpuShares,
  processes: GpuOwnersInput['processes'],
): OwnedProcess {
  const { pid } = process;
  const facts = processes.factsOf(pid);
  const { owner = null, uid = null, cgroupUid = null, command = null } = facts ?? {};
  const share = byPid.get(pid);
  return {
    ...process,
    name: nameOf(process.name),
    smRatio: process.smRatio ?? share?.smRatio ?? null,
    memoryRatio: share?.memoryRatio ?? null,
    encoderRatio: share?.encoderRatio ?? null,
    decoderRatio: share?.decoderRatio ?? null,
    owner,
    ownerKey: ownerPlace({ pid, owner, uid, cgroupUid }).key,
    uid,
    userName: uid === null ? null : processes.userName(uid),
    command,
  };
}

/** Some drivers print arguments with the program: they are as secret here as in /proc. */
const nameOf = (name: string | null): string | null =>
  name !== null && /\s/.test(name) ? (maskedCommand([name]) ?? name) : name;
