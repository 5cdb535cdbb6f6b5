import { expect, test } from 'vitest';
import { writeProto } from '../../../../lib/host-facts/index.ts';
import type { Clock } from '../../clock.ts';
import { readEngineContainer } from '../engine-container.ts';
import type { GrpcClient } from './call.ts';
import { createCriEnded } from './cri-ended.ts';
import { inspectOf } from './inspect.ts';

const startMillis = Date.parse('2026-11-20T12:00:00Z');
const host = { toolkitVersion: '1.17.8', toolkitMode: null, isModeKnown: true, engineVersion: null };

interface CriContainer {
  readonly state: 1 | 2;
  readonly slot: string;
  readonly madeAt: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

const varint = (value: bigint): number[] =>
  value > 0x7fn ? [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)] : [Number(value)];
const number = (field: number, value: bigint | number): Buffer =>
  Buffer.from([...varint(BigInt(field << 3)), ...varint(BigInt(value))]);
const inner = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(BigInt((field << 3) | 2)), ...varint(BigInt(bytes.length))]), bytes]);
const string = (field: number, value: string): Uint8Array => writeProto([[field, value]]);
const pair = (field: number, key: string, value: string): Buffer =>
  inner(field, Buffer.concat([string(1, key), string(2, value)]));

/** A runtime whose containers are set by hand, and a clock beside it. */
function runtime() {
  let seconds = 0;
  const containers = new Map<string, CriContainer>();
  const asked: string[] = [];
  const nanoseconds = (at: number): bigint => BigInt(startMillis + at * 1000) * 1_000_000n;
  const clock: Clock = {
    nowMilliseconds: () => startMillis + seconds * 1000,
    monotonicSeconds: () => seconds,
  };
  const listed = ([id, { state, slot, madeAt }]: [string, CriContainer]): Buffer =>
    inner(
      1,
      Buffer.concat([
        string(1, id),
        inner(4, string(1, 'cuda:12')),
        number(6, state),
        number(7, nanoseconds(madeAt)),
        pair(8, 'io.kubernetes.pod.uid', 'pod-1'),
        pair(8, 'io.kubernetes.container.name', slot),
      ]),
    );
  const status = ({ madeAt, endedAt = 0, exitCode = 0, reason = '', message = '' }: CriContainer): Buffer => {
    const told = Buffer.concat([
      number(4, nanoseconds(madeAt)),
      ...(reason === 'StartError' ? [] : [number(5, nanoseconds(madeAt))]),
      number(6, nanoseconds(endedAt)),
      number(7, exitCode),
      string(10, reason),
      string(11, message),
    ]);
    const spec = { process: { env: ['NVIDIA_VISIBLE_DEVICES=all'] } };
    return Buffer.concat([inner(1, told), pair(2, 'info', JSON.stringify({ runtimeSpec: spec }))]);
  };
  const client: GrpcClient = {
    async call(method, request) {
      const verb = method.split('/')[1] ?? '';
      asked.push(verb);
      if (verb === 'ListContainers')
        return { state: 'ok', value: Buffer.concat([...containers].map(listed)) };
      const id = Buffer.from(request.subarray(2, 66)).toString();
      const found = containers.get(id);
      return found === undefined ? { state: 'absent', failure: null } : { state: 'ok', value: status(found) };
    },
  };
  const ended = createCriEnded(async (told) => readEngineContainer(inspectOf(told), host).engine, clock);
  return {
    containers,
    asked,
    ended,
    async round(at: number) {
      seconds = at;
      await ended.round(client);
      return ended.failed.map(({ id, exit }) => [id[0], exit.exitCode, exit.error, exit.ranSeconds]);
    },
  };
}

const id = (letter: string): string => letter.repeat(64);
const crash = (slot: string, madeAt: number): CriContainer => ({
  ...{ state: 2, slot, madeAt, endedAt: madeAt + 4, exitCode: 1, reason: 'Error' },
});

test('each is asked once, and told with its end', async () => {
  const { containers, asked, round } = runtime();
  containers.set(id('a'), crash('server', 0));
  containers.set(id('b'), {
    ...{ ...crash('other', 10), exitCode: 128, reason: 'StartError' },
    message: 'requirement error: unsatisfied condition: cuda>=12.8',
  });
  containers.set(id('c'), { ...crash('memory', 20), exitCode: 137, reason: 'OOMKilled' });
  containers.set(id('d'), { ...crash('well', 30), exitCode: 0, reason: 'Completed' });
  const told = [
    ['c', 137, null, 4],
    ['b', 128, 'requirement error: unsatisfied condition: cuda>=12.8', null],
    ['a', 1, null, 4],
  ];
  expect(await round(60)).toEqual(told);
  expect(await round(70)).toEqual(told);
  expect(await round(120)).toEqual(told);
  expect(asked).toEqual(['ListContainers', ...Array(4).fill('ContainerStatus'), 'ListContainers']);
});

test('of a container’s tries the last is kept; one that runs again for a minute ends it', async () => {
  const { containers, round } = runtime();
  containers.set(id('a'), crash('server', 0));
  expect(await round(10)).toEqual([['a', 1, null, 4]]);
  containers.delete(id('a'));
  containers.set(id('b'), crash('server', 20));
  expect(await round(50)).toEqual([['b', 1, null, 4]]);
  containers.set(id('c'), { state: 1, slot: 'server', madeAt: 60 });
  expect(await round(90)).toEqual([['b', 1, null, 4]]);
  expect(await round(125)).toEqual([]);
});

test('a day later it is forgotten, and not asked for anew', async () => {
  const { containers, asked, round } = runtime();
  containers.set(id('a'), crash('server', 0));
  expect(await round(10)).toHaveLength(1);
  expect(await round(86_500)).toEqual([]);
  expect(asked.filter((verb) => verb === 'ContainerStatus')).toHaveLength(1);
});
