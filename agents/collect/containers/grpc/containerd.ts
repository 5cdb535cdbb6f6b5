import { type ProtoMessage, readProto, writeProto } from '../../../../lib/host-facts/index.ts';
import type { Outcome } from '../../source.ts';
import type { GrpcClient } from './call.ts';
import { type GrpcContainer, isoOfSeconds, jsonOf } from './inspect.ts';

const services = 'containerd.services';
/** Docker's own: it tells of those itself. */
const namespacesOfOthers = new Set(['moby', 'buildkit']);
const mostNamespaces = 16;

export interface ListedTask {
  readonly namespace: string;
  readonly state: string;
  readonly pid: number | null;
}

/** containerd.v1.types.Status, in Docker's words. */
const states: Readonly<Record<number, string>> = {
  1: 'created',
  2: 'running',
  3: 'exited',
  4: 'paused',
  5: 'paused',
};

/** Containers with a task, by id, over all namespaces but Docker's. Field numbers: containerd's api/services. */
export async function listContainerd(client: GrpcClient): Promise<Outcome<ReadonlyMap<string, ListedTask>>> {
  const namespaces = await client.call(`${services}.namespaces.v1.Namespaces/List`, writeProto([]));
  if (namespaces.state !== 'ok') return namespaces;
  const names = readProto(namespaces.value)
    .messages(1)
    .flatMap((namespace) => namespace.text(1) ?? [])
    .filter((name) => !namespacesOfOthers.has(name));
  const tasks = new Map<string, ListedTask>();
  for (const namespace of names.slice(0, mostNamespaces)) {
    const listed = await client.call(`${services}.tasks.v1.Tasks/List`, writeProto([]), inside(namespace));
    if (listed.state !== 'ok') return listed;
    for (const task of readProto(listed.value).messages(1)) {
      const id = task.text(1) || task.text(2);
      const state = states[task.number(4) ?? 0] ?? 'unknown';
      if (id) tasks.set(id, { namespace, state, pid: task.number(3) });
    }
  }
  return { state: 'ok', value: tasks };
}

const inside = (namespace: string) => ({ 'containerd-namespace': namespace });

/** One of them, with its OCI spec. */
export async function getContainerd(
  client: GrpcClient,
  id: string,
  { namespace, state, pid }: ListedTask,
): Promise<Outcome<GrpcContainer & { readonly isSandbox: boolean }>> {
  const method = `${services}.containers.v1.Containers/Get`;
  const answer = await client.call(method, writeProto([[1, id]]), inside(namespace));
  if (answer.state !== 'ok') return answer;
  const container = readProto(answer.value).message(1);
  const labels = container?.map(2) ?? new Map<string, string>();
  return {
    state: 'ok',
    value: {
      ...{ id, state, pid, labels },
      image: container?.text(3) ?? null,
      createdAt: isoOfSeconds(container?.message(8)?.number(1) ?? null),
      ociRuntime: runtimeOf(container?.message(4) ?? null),
      spec: jsonOf(container?.message(5)?.bytes(2) ?? null),
      isSandbox: labels.get('io.cri-containerd.kind') === 'sandbox',
    },
  };
}

/** The program that runc's shim was told to run; else the shim's own name. */
function runtimeOf(runtime: ProtoMessage | null): string | null {
  const options = runtime?.message(2) ?? null;
  const isRunc = options?.text(1)?.endsWith('runc.v1.Options') === true;
  const program = isRunc ? (options?.message(2)?.text(6) ?? null) : null;
  return program || (runtime?.text(1) ?? null);
}
