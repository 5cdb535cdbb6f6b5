import { expect, test } from 'vitest';
import type { SshHostRecord, StateStore } from '../../state/state-store.ts';
import type { DoorTarget, OpenReader, SshDoor } from './door.ts';
import { SshKeeper } from './keeper.ts';

/** Hosts by their address, each with the running machine that it says it is. */
function keeperOf(machines: Readonly<Record<string, string>>) {
  const withAgent = new Set<string>();
  const opened: string[] = [];
  const open = async ({ address }: DoorTarget): Promise<OpenReader> => {
    opened.push(address);
    const gone = Promise.withResolvers<void>();
    const stop = async (): Promise<void> => gone.resolve();
    return { hostname: address, machine: machines[address] ?? null, notes: [], gone: gone.promise, stop };
  };
  const key = { id: 'k', name: 'k', kind: 'made', path: null, secret: 's', publicLine: '', createdAt: '' };
  const state = {
    listSshKeys: async () => [key],
    listSshKnown: async () => [],
    listSshHosts: async () => [],
  };
  const keeper = new SshKeeper({
    state: state as unknown as StateStore,
    door: { open } as unknown as SshDoor,
    sealer: { seal: (text) => text, open: (text) => text },
    now: () => 0,
    log: () => {},
    intervalSeconds: 5,
    push: async () => ({ status: 202, body: '{}' }),
    adopt: async () => {},
    hasAgent: async (id) => withAgent.has(id),
    seen: () => null,
    isReporting: () => true,
  });
  return { keeper, withAgent, opened };
}

const record = (id: string, address: string): SshHostRecord => ({
  ...{ id, address, port: 22, user: 'u', jumps: [], keyId: 'k' },
  ...{ intervalSeconds: null, client: 'ssh2', createdAt: '' },
});

test('a machine that is read under two addresses is said to be, and none gets the id of the other by it', async () => {
  const { keeper } = keeperOf({ one: 'machine', other: 'machine', third: 'another' });
  await keeper.load();
  for (const [id, address] of Object.entries({ 1: 'one', 3: 'third' })) await keeper.set(record(id, address));
  await expect.poll(() => keeper.view('1')?.state).toBe('reading');
  expect(keeper.ofMachine('machine')).toBe('1');
  await keeper.set(record('2', 'other'));
  await expect.poll(() => keeper.view('2')?.state).toBe('reading');
  const notes = keeper.views().map(({ id, notes }) => [id, notes.map(({ code }) => code)]);
  expect(Object.fromEntries(notes)).toEqual({ 1: ['read-twice'], 2: ['read-twice'], 3: [] });
  expect(keeper.view('2')?.notes[0]?.text).toContain('as one (one) too');
  expect(keeper.ofMachine('machine')).toBeNull();
  await keeper.remove('2');
  expect(keeper.ofMachine('machine')).toBe('1');
  expect(keeper.view('1')?.notes).toEqual([]);
  await keeper.close();
});

test('a host that an agent has is not read over SSH beside it when its settings change', async () => {
  const { keeper, withAgent, opened } = keeperOf({ one: 'machine' });
  withAgent.add('1');
  await keeper.load();
  await keeper.set(record('1', 'one'));
  expect(keeper.view('1')?.state).toBe('stepped-back');
  await keeper.set({ ...record('1', 'one'), user: 'other' });
  expect(keeper.view('1')?.state).toBe('stepped-back');
  expect(opened).toEqual([]);
});
