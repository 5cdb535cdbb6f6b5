import {
  type Container,
  type ContainerCuda,
  type ContainerGpuUse,
  isWithin,
  type ReportedGpu,
} from '../../../lib/model/index.ts';
import type { EngineContainer } from './engine-container.ts';

/** Everything of a container but what it uses of GPUs. */
export type ContainerFacts = Omit<Container, 'gpus'>;

/** Containers that use a GPU, and running ones that were granted some; each with its own share only. */
export function mergeContainers(
  gpus: readonly ReportedGpu[],
  engine: ReadonlyMap<string, EngineContainer>,
  cudaOf: (id: string) => ContainerCuda | null = () => null,
): Container[] {
  const uses = usesByContainer(gpus);
  const granted = [...engine.values()].filter((each) => each.isGranted && each.facts.state === 'running');
  const ids = new Set([...uses.keys(), ...granted.map((each) => each.facts.id)]);
  return [...ids].map((id) => {
    const used = uses.get(id);
    const told = engine.get(id);
    const facts = told?.facts ?? unnamed(id, used?.runtime ?? 'unknown');
    return {
      ...facts,
      gpus: used?.gpus ?? [],
      injection: told?.injection ?? null,
      requirements: told?.stack.requirements ?? null,
      cuda: cudaOf(id),
    };
  });
}

interface Uses {
  readonly runtime: string;
  readonly gpus: readonly ContainerGpuUse[];
}

function usesByContainer(gpus: readonly ReportedGpu[]): Map<string, Uses> {
  const containers = new Map<string, { runtime: string; uses: Map<string, ContainerGpuUse> }>();
  for (const gpu of gpus) {
    for (const process of gpu.processes) {
      const id = process.owner?.containerId ?? null;
      if (id === null || gpu.uuid === null) continue;
      const container = containers.get(id) ?? {
        runtime: process.owner?.runtime ?? 'unknown',
        uses: new Map(),
      };
      containers.set(id, container);
      const { gpuInstanceId, computeInstanceId } = process;
      const key = `${gpu.uuid} ${gpuInstanceId} ${computeInstanceId}`;
      const before = container.uses.get(key);
      container.uses.set(key, {
        gpuUuid: gpu.uuid,
        gpuInstanceId,
        computeInstanceId,
        usedMemoryBytes: add(before?.usedMemoryBytes, process.usedMemoryBytes),
        smRatio: add(before?.smRatio, process.smRatio),
        pids: [...new Set([...(before?.pids ?? []), process.pid])],
      });
    }
  }
  return new Map(
    [...containers].map(([id, { runtime, uses }]) => [id, { runtime, gpus: [...uses.values()] }]),
  );
}

/** A sum over those that are told; null when none is. */
function add(sum: number | null | undefined, value: number | null): number | null {
  if (sum === null || sum === undefined) return value;
  return value === null || !isWithin('bytes', sum + value) ? sum : sum + value;
}

/** Known only by its cgroup: no engine could be asked, or it does not know the container. */
function unnamed(id: string, runtime: string): ContainerFacts {
  return {
    id,
    name: null,
    image: null,
    imageId: null,
    runtime,
    state: null,
    startedAt: null,
    labels: {},
    cudaVersion: null,
    visibleDevices: null,
    requireCuda: null,
    namespace: null,
    pod: null,
  };
}

/** Whether the engine was told to give it GPUs, from its inspect document. */
export function isGranted(inspect: unknown, visibleDevices: string | null): boolean {
  const host = field(inspect, 'HostConfig');
  if (field(host, 'Runtime') === 'nvidia') return !['void', 'none', ''].includes(visibleDevices ?? 'void');
  const requests = field(host, 'DeviceRequests');
  if (Array.isArray(requests) && requests.some(asksForGpu)) return true;
  return visibleDevices !== null && !['void', 'none', ''].includes(visibleDevices);
}

function asksForGpu(request: unknown): boolean {
  const driver = field(request, 'Driver');
  if (driver === 'cdi') return JSON.stringify(field(request, 'DeviceIDs') ?? []).includes('nvidia.com/');
  return driver === 'nvidia' || JSON.stringify(field(request, 'Capabilities') ?? []).includes('"gpu"');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
