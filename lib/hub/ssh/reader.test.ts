import { afterEach, expect, test, vi } from 'vitest';
import type { DoorFault, OpenReader, SshDoor } from './door.ts';
import { Reader } from './reader.ts';
import { createTurns } from './turns.ts';

afterEach(() => vi.useRealTimers());

const twin: DoorFault = { code: 'same-machine', text: 'its agent reports', offered: null };

/** A host whose connection stands until it is stopped; `admits` says whether it may be read. */
function readerOf(admits: () => DoorFault | null, opens: () => DoorFault | null = () => null) {
  vi.useFakeTimers();
  const seen = { opened: 0, stopped: 0 };
  const open = async (): Promise<OpenReader | DoorFault> => {
    const fault = opens();
    if (fault !== null) return fault;
    seen.opened += 1;
    let gone: () => void = () => {};
    return {
      hostname: 'gpu-17',
      machine: 'm',
      notes: [],
      gone: new Promise((resolve) => {
        gone = resolve;
      }),
      async stop() {
        seen.stopped += 1;
        gone();
      },
    };
  };
  const reader = new Reader({
    door: { open } as unknown as SshDoor,
    turns: () => createTurns(1),
    now: () => 0,
    random: () => 1,
    target: async () => ({}) as never,
    wishes: () => ({}) as never,
    isAccepted: () => true,
    onOpen: async () => admits(),
  });
  return { reader, seen };
}
const pass = (seconds = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);

test('a machine whose agent reports is not read, and is once that agent is gone', async () => {
  let fault: DoorFault | null = twin;
  const { reader, seen } = readerOf(() => fault);
  reader.start();
  await pass();
  expect([reader.state, reader.condition?.code, reader.machine]).toEqual([
    'stepped-back',
    'same-machine',
    'm',
  ]);
  expect(seen).toEqual({ opened: 1, stopped: 1 });
  await pass(59);
  expect(seen.opened).toBe(1);
  await pass(2);
  // Looked at again, and still so: nothing was read meanwhile.
  expect([seen.opened, seen.stopped, reader.state]).toEqual([2, 2, 'stepped-back']);
  fault = null;
  await pass(61);
  expect([reader.state, reader.condition]).toEqual(['reading', null]);
  reader.giveWay(twin);
  expect([reader.state, reader.isWaitingForAgent]).toEqual(['stepped-back', true]);
  await pass();
  expect(seen.stopped).toBe(3);
  await reader.stop('stepped-back');
  expect(reader.isWaitingForAgent).toBe(false);
  await pass(600);
  expect(seen.opened).toBe(3);
});

test('a changed key stays an alarm, whoever tells of the machine', async () => {
  const { reader } = readerOf(
    () => null,
    () => ({ code: 'changed-key', text: 'another key', offered: null }),
  );
  reader.start();
  await pass();
  reader.giveWay(twin);
  expect([reader.state, reader.condition?.code]).toEqual(['key-changed', 'changed-key']);
});
