import { readProto, writeProto } from '../../../../lib/host-facts/index.ts';
import type { Outcome } from '../../source.ts';
import type { GrpcClient } from './call.ts';
import { type GrpcContainer, isoOfSeconds, jsonOf } from './inspect.ts';

const service = 'runtime.v1.RuntimeService';

/** runtime.v1.ContainerState; zero is not written. */
const states: Readonly<Record<number, string>> = { 0: 'created', 1: 'running', 2: 'exited' };

export interface ListedCri {
  readonly state: string;
  readonly image: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly createdAt: string | null;
}

/** Containers by id, of a runtime that speaks Kubernetes' CRI. Field numbers: cri-api's runtime v1. */
export async function listCri(client: GrpcClient): Promise<Outcome<ReadonlyMap<string, ListedCri>>> {
  const answer = await client.call(`${service}/ListContainers`, writeProto([]));
  if (answer.state !== 'ok') return answer;
  const listed = readProto(answer.value)
    .messages(1)
    .flatMap((container): [string, ListedCri][] => {
      const id = container.text(1);
      if (id === null) return [];
      const nanoseconds = container.number(7);
      const facts = {
        state: states[container.number(6) ?? 0] ?? 'unknown',
        image: container.message(4)?.text(1) ?? null,
        labels: container.map(8),
        createdAt: isoOfSeconds(nanoseconds === null ? null : nanoseconds / 1e9),
      };
      return [[id, facts]];
    });
  return { state: 'ok', value: new Map(listed) };
}

/** One of them; what a runtime tells of pid and spec stands in JSON beside its status. */
export async function getCri(
  client: GrpcClient,
  id: string,
  listed: ListedCri,
): Promise<Outcome<GrpcContainer>> {
  const request = writeProto([
    [1, id],
    [2, true],
  ]);
  const answer = await client.call(`${service}/ContainerStatus`, request);
  if (answer.state !== 'ok') return answer;
  const info = jsonOf(readProto(answer.value).map(2).get('info') ?? null);
  const told = typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {};
  const pid = told['pid'];
  const runtime = told['runtimeType'] ?? told['runtimeHandler'];
  return {
    state: 'ok',
    value: {
      ...{ id, ...listed },
      pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : null,
      ociRuntime: typeof runtime === 'string' ? runtime : null,
      spec: told['runtimeSpec'] ?? null,
    },
  };
}
