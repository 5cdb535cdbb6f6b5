import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalAccess } from '../../../agents/access/local/index.ts';
import type { GrpcClient } from '../../../agents/collect/containers/grpc/call.ts';
import { withGrpc } from '../../../agents/collect/containers/grpc/call.ts';
import { readProto } from '../../../lib/host-facts/index.ts';
import { busyboxRoot } from './docker-engine.ts';
import { mustRun } from './programs.ts';
import type { Cleanup } from './temporary.ts';

type Field = readonly [field: number, value: string | number | Uint8Array];

/** A protobuf message of texts, small numbers and other messages. */
function proto(...fields: readonly Field[]): Uint8Array {
  const varint = (value: number): number[] =>
    value > 0x7f ? [(value & 0x7f) | 0x80, ...varint(value >>> 7)] : [value];
  return Uint8Array.from(
    fields.flatMap(([field, value]) => {
      if (typeof value === 'number') return [...varint(field << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

export interface CriPod {
  /** As the kubelet does it: makes the container and starts it; gives its id, and why it did not start. */
  run(
    name: string,
    command: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<{
    readonly id: string;
    readonly startError: string | null;
  }>;
}

/** The archive of one layer that `docker save` would write. */
async function writeImage(folder: string, name: string): Promise<string> {
  const image = join(folder, 'image');
  mkdirSync(image);
  await mustRun(['tar', '-C', busyboxRoot(folder), '-cf', join(image, 'layer.tar'), '.']);
  const sum = createHash('sha256')
    .update(readFileSync(join(image, 'layer.tar')))
    .digest('hex');
  const rootfs = { type: 'layers', diff_ids: [`sha256:${sum}`] };
  const config = { architecture: 'amd64', os: 'linux', config: { Cmd: ['/bin/sleep', '3600'] }, rootfs };
  writeFileSync(join(image, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(join(image, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(folder, 'image.tar');
  await mustRun(['tar', '-C', image, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar']);
  return archive;
}

export interface CriRuntime {
  readonly socket: string;
  ctr(...args: string[]): Promise<string>;
}

const service = 'runtime.v1.RuntimeService';
const ofNode = 2;
/** A busy machine takes its time to start a container. */
const startsWithinSeconds = 60;

/** A pod on the host's own network, made over the runtime's CRI as a kubelet makes it. `image`: what its sandbox runs. */
export async function runPod(
  cleanup: Cleanup,
  { socket, ctr }: CriRuntime,
  { folder, image, pod }: { readonly folder: string; readonly image: string; readonly pod: string },
): Promise<CriPod> {
  await ctr('images', 'import', await writeImage(folder, image));
  const access = createLocalAccess();
  const call = async (method: string, request: Uint8Array): Promise<Uint8Array> => {
    const work = (client: GrpcClient) => client.call(`${service}/${method}`, request);
    const outcome = await withGrpc(access, socket, work, startsWithinSeconds);
    if (outcome.state !== 'ok') throw new Error(`${method}: ${outcome.failure?.message ?? outcome.state}`);
    return outcome.value;
  };
  const uid = '8c85216c-82ad-11e7-9fb0-061c2985ea4c';
  const label = (key: string, value: string): Field => [9, proto([1, key], [2, value])];
  const namespaces = proto([1, ofNode]);
  const sandbox = proto(
    [1, proto([1, pod], [2, uid], [3, 'team-b'])],
    [3, folder],
    [8, proto([2, proto([1, namespaces])])],
  );
  const podId = readProto(await call('RunPodSandbox', proto([1, sandbox]))).text(1) ?? '';
  cleanup.add(async () => {
    await call('StopPodSandbox', proto([1, podId]));
    await call('RemovePodSandbox', proto([1, podId]));
  });
  return {
    async run(name, command, variables = {}) {
      const labels = [
        label('io.kubernetes.container.name', name),
        label('io.kubernetes.pod.name', pod),
        label('io.kubernetes.pod.namespace', 'team-b'),
        label('io.kubernetes.pod.uid', uid),
      ];
      const config = proto(
        [1, proto([1, name])],
        [2, proto([1, image])],
        ...command.map((word): Field => [3, word]),
        ...Object.entries(variables).map(([key, value]): Field => [6, proto([1, key], [2, value])]),
        ...labels,
      );
      const made = await call('CreateContainer', proto([1, podId], [2, config], [3, sandbox]));
      const id = readProto(made).text(1) ?? '';
      const startError = await call('StartContainer', proto([1, id])).then(
        () => null,
        (error: unknown) => (error as Error).message,
      );
      return { id, startError };
    },
  };
}
