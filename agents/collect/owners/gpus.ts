import { maskedCommand } from '../../../lib/masking/index.ts';
import type { GpuProcess, OwnedProcess, ReportedGpu } from '../../../lib/model/index.ts';
import { gpuAccounting, ownerPlace } from '../../../lib/owners/index.ts';
import type { GpusView } from '../gpus/index.ts';
import type { Processes } from '../processes/index.ts';
import type { ProcessFacts } from '../processes/read.ts';
import type { GpuShares, Share, Shares } from '../shares/index.ts';

export interface GpuOwnersInput {
  readonly processes: Pick<Processes, 'factsOf' | 'userName'>;
  readonly shares: Pick<Shares, 'of'>;
  /** False: arguments are not kept, wherever they stand. */
  readonly commandLines?: boolean;
}

/** GPUs as a report has them: each process with its owner and share, and how the GPU's numbers divide. */
export function reportGpus(
  view: Pick<GpusView, 'gpus'>,
  { processes, shares, commandLines = true }: GpuOwnersInput,
): ReportedGpu[] {
  return view.gpus.map((merged) => {
    const { gpu, state, failure, sampledAt, detailsSampledAt, detailsMemoryUsedBytes, newFields } = merged;
    const told = shares.of({
      index: gpu.index,
      isMig: gpu.migMode?.current === true,
      hasProcesses: gpu.processes.length > 0,
    });
    const owned = gpu.processes.map((process) => keptProcess(process, { told, processes, commandLines }));
    const accounting = gpuAccounting({
      usedBytes: detailsMemoryUsedBytes,
      gpuRatio: gpu.utilization.gpuRatio,
      processes: owned,
      sharesSampledAt: told.sampledAt,
      sharesProblem: told.problem,
    });
    return {
      ...gpu,
      state,
      failure,
      sampledAt,
      detailsSampledAt,
      processes: owned,
      detailsMemoryUsedBytes,
      accounting,
      ...(newFields === undefined ? {} : { newFields }),
    };
  });
}

interface Made {
  readonly facts: ProcessFacts | null;
  readonly share: Share | undefined;
  readonly userName: string | null;
  readonly process: OwnedProcess;
}

/** Between two documents a process is the same object, and so it is in reports: what is made of it is made once. */
const made = new WeakMap<GpuProcess, Made>();

interface Keeping extends Pick<GpuOwnersInput, 'processes'> {
  readonly told: GpuShares;
  readonly commandLines: boolean;
}

function keptProcess(
  process: GpuProcess,
  { told: { byPid }, processes, commandLines }: Keeping,
): OwnedProcess {
  const facts = processes.factsOf(process.pid);
  const share = byPid.get(process.pid);
  const uid = facts?.uid ?? null;
  const userName = uid === null ? null : processes.userName(uid);
  const before = made.get(process);
  if (before?.facts === facts && before.share === share && before.userName === userName)
    return before.process;
  const name = nameOf(process.name, commandLines);
  const now = {
    facts,
    share,
    userName,
    process: ownedProcess({ ...process, name }, { facts, share, userName }),
  };
  made.set(process, now);
  return now.process;
}

function ownedProcess(process: GpuProcess, { facts, share, userName }: Omit<Made, 'process'>): OwnedProcess {
  const { pid } = process;
  const { owner = null, uid = null, cgroupUid = null, command = null } = facts ?? {};
  return {
    ...process,
    smRatio: process.smRatio ?? share?.smRatio ?? null,
    memoryRatio: share?.memoryRatio ?? null,
    encoderRatio: share?.encoderRatio ?? null,
    decoderRatio: share?.decoderRatio ?? null,
    owner,
    ownerKey: ownerPlace({ pid, owner, uid, cgroupUid }).key,
    uid,
    userName,
    command,
  };
}

/** Some drivers print arguments with the program: they are as secret here as in /proc. */
function nameOf(name: string | null, commandLines: boolean): string | null {
  if (name === null || !/\s/.test(name)) return name;
  return commandLines ? (maskedCommand([name]) ?? name) : (name.trim().split(/\s/, 1)[0] ?? name);
}
