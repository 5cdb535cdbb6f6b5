import { type ProtoMessage, readProto, writeProto } from '../../../../lib/host-facts/index.ts';
import type { Outcome } from '../../source.ts';
import type { GrpcClient } from './call.ts';
import { type GrpcContainer, type GrpcContainerEnd, isoOfSeconds, jsonOf } from './inspect.ts';

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
      const facts = {
        state: states[container.number(6) ?? 0] ?? 'unknown',
        image: container.message(4)?.text(1) ?? null,
        labels: container.map(8),
        createdAt: timeOf(container, 7),
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
  const message = readProto(answer.value);
  const info = jsonOf(message.map(2).get('info') ?? null);
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
      ...(listed.state === 'exited' ? { end: endOf(message.message(1)) } : {}),
    },
  };
}

/** These reasons say no more than the exit code. */
const plainReasons = ['', 'Completed', 'Error', 'OOMKilled'];

/** runtime.v1.ContainerStatus. `StartError` comes with the words of the OCI runtime, and of its hooks. */
function endOf(status: ProtoMessage | null): GrpcContainerEnd {
  const [reason, message] = [status?.text(10) ?? '', status?.text(11) ?? ''];
  const isPlain = plainReasons.includes(reason);
  const error = reason === 'StartError' && message !== '' ? message : `${reason}: ${message}`;
  return {
    exitCode: status?.number(7) ?? 0,
    error: isPlain ? null : error,
    isOutOfMemory: reason === 'OOMKilled',
    startedAt: status === null ? null : timeOf(status, 5),
    finishedAt: status === null ? null : timeOf(status, 6),
  };
}

/** Nanoseconds since 1970. */
function timeOf(message: ProtoMessage, field: number): string | null {
  const nanoseconds = message.integer(field);
  return nanoseconds === null ? null : isoOfSeconds(Number(nanoseconds / 1_000_000n) / 1000);
}
