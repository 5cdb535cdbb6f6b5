import { afterEach, expect, test, vi } from 'vitest';
import type { SshTestStep } from '../../model/index.ts';
import type { SshHostRecord, SshKnownRecord, StateStore } from '../../state/state-store.ts';
import type { DoorFault, DoorTarget, OpenReader, SshDoor } from './door.ts';
import { SshKeeper } from './keeper.ts';

afterEach(() => {
  vi.useRealTimers();
});

type Told = (target: DoorTarget) => Promise<DoorFault> | null;

/** Hosts by their address, each with the running machine that it says it is; `fault` says which cannot be read. */
function keeperOf(
  machines: Readonly<Record<string, string>>,
  fault: Told = () => null,
  known: readonly SshKnownRecord[] = [],
) {
  const withAgent = new Set<string>();
  const opened: string[] = [];
  const test = vi.fn<SshDoor['test']>();
  const open = async (target: DoorTarget): Promise<OpenReader | DoorFault> => {
    const { address } = target;
    opened.push(address);
    const found = fault(target);
    if (found !== null) return found;
    const gone = Promise.withResolvers<void>();
    const stop = async (): Promise<void> => gone.resolve();
    return { hostname: address, machine: machines[address] ?? null, notes: [], gone: gone.promise, stop };
  };
  const key = { id: 'k', name: 'k', kind: 'made', path: null, secret: 's', publicLine: '', createdAt: '' };
  const state = {
    listSshKeys: async () => [key],
    listSshKnown: async () => known,
    listSshHosts: async () => [],
  };
  const keeper = new SshKeeper({
    state: state as unknown as StateStore,
    door: { open, test } as unknown as SshDoor,
    sealer: { seal: (text) => text, open: (text) => text },
    now: () => 0,
    log: () => {},
    intervalSeconds: 5,
    mostOpening: 16,
    push: async () => ({ status: 202, body: '{}' }),
    capture: async () => ({ status: 202, body: '{}' }),
    adopt: async () => {},
    hasAgent: async (id) => withAgent.has(id),
    seen: () => null,
    isReporting: () => true,
  });
  return { keeper, withAgent, opened, test };
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

const patient = { timeout: 20_000 };
const faultOf = (code: string): DoorFault => ({ code, text: code, offered: null });

test('hosts that are gone hold up none that can be read', async () => {
  vi.useFakeTimers();
  const tries = new Map<string, number>();
  const { keeper } = keeperOf({}, ({ address }) => {
    const tried = (tries.get(address) ?? 0) + 1;
    tries.set(address, tried);
    if (!address.startsWith('gone')) return null;
    // At the third try it lets the hub wait.
    return tried < 3 ? Promise.resolve(faultOf('unreachable')) : new Promise(() => {});
  });
  await keeper.load();
  for (let at = 0; at < 40; at += 1) await keeper.set(record(`gone${at}`, `gone${at}`));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([...tries.values()].filter((tried) => tried === 3).length).toBeGreaterThan(4);
  await keeper.set(record('1', 'one'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(keeper.view('1')?.state).toBe('reading');
});

test.each([
  ['changed-key', 'key-changed'],
  ['revoked-key', 'key-revoked'],
])('%s: reading goes on when a test finds a known key again; whose it is, is told', async (code, state) => {
  const offered = { place: 'bastion', type: 'ssh-ed25519', fingerprint: 'SHA256:x', line: 'bastion x' };
  let isKnown = false;
  const { keeper, test: tried } = keeperOf({}, () =>
    isKnown ? null : Promise.resolve({ ...faultOf(code), offered }),
  );
  await keeper.load();
  await keeper.set(record('1', 'one'));
  await expect.poll(() => keeper.view('1')?.state, patient).toBe(state);
  // A jump host's: a person must not compare it with the host's own.
  expect(keeper.view('1')?.offeredKey).toEqual({
    place: 'bastion',
    type: 'ssh-ed25519',
    fingerprint: 'SHA256:x',
  });
  const step = (outcome: 'ok' | 'failed') => [{ name: 'key-known', outcome, text: null }] as const;
  tried.mockResolvedValue({ steps: step('failed'), offered });
  expect((await keeper.test('1'))?.offeredKey?.place).toBe('bastion');
  expect(keeper.view('1')?.state).toBe(state);
  isKnown = true;
  tried.mockResolvedValue({ steps: step('ok'), offered: null });
  await keeper.test('1');
  await expect.poll(() => keeper.view('1')?.state, patient).toBe('reading');
  await keeper.close();
});

test('a host is tested once at a time, and what waits for its key goes on when a test finds it known', async () => {
  let isKnown = false;
  const { keeper, test: tried } = keeperOf({}, () =>
    isKnown ? null : Promise.resolve(faultOf('unknown-key')),
  );
  await keeper.load();
  await keeper.set(record('1', 'one'));
  await expect.poll(() => keeper.view('1')?.state).toBe('waiting-for-key');
  const steps: readonly SshTestStep[] = [
    { name: 'key-known', outcome: 'ok', text: null },
    { name: 'logged-in', outcome: 'failed', text: 'refused' },
  ];
  const end = Promise.withResolvers<{ steps: readonly SshTestStep[]; offered: null }>();
  tried.mockReturnValue(end.promise);
  const tests = [keeper.test('1'), keeper.test('1'), keeper.test('1')];
  isKnown = true;
  end.resolve({ steps, offered: null });
  expect((await Promise.all(tests)).map((each) => each?.steps)).toEqual([steps, steps, steps]);
  expect(tried).toHaveBeenCalledOnce();
  await expect.poll(() => keeper.view('1')?.state).toBe('reading');
  await keeper.test('1');
  expect(tried).toHaveBeenCalledTimes(2);
  await keeper.close();
});

const knownOf = (place: string): SshKnownRecord => ({
  ...{ place, type: 'ssh-ed25519', fingerprint: `SHA256:${place}`, line: `${place} ssh-ed25519 AAAA` },
  ...{ acceptedAt: '', acceptedBy: '' },
});
/** A host is let in by what people accepted for it. */
const byAccepted: Told = ({ address, knownHosts }) =>
  knownHosts.includes(`${address} ssh-ed25519`)
    ? null
    : Promise.resolve({ ...faultOf('unknown-key'), offered: knownOf(address) });

test('an accepted key that is forgotten ends what was read by it, also through it, and nothing else', async () => {
  const known = ['one', 'two', 'bastion'].map(knownOf);
  const { keeper, withAgent, opened } = keeperOf({}, byAccepted, known);
  await keeper.load();
  withAgent.add('agent');
  await keeper.set(record('1', 'one'));
  await keeper.set({ ...record('2', 'two'), jumps: ['ada@Bastion'] });
  await keeper.set({ ...record('agent', 'third'), jumps: ['one'] });
  for (const id of ['1', '2']) await expect.poll(() => keeper.view(id)?.state, patient).toBe('reading');
  keeper.forgetAccepted('one');
  await expect.poll(() => keeper.view('1')?.state, patient).toBe('waiting-for-key');
  expect(keeper.view('1')?.acceptedKey).toBeNull();
  expect(keeper.view('agent')?.state).toBe('stepped-back');
  expect(opened).toEqual(['one', 'two', 'one']);
  keeper.forgetAccepted('bastion');
  await expect.poll(() => opened, patient).toEqual(['one', 'two', 'one', 'two']);
  keeper.accept(knownOf('one'));
  await expect.poll(() => keeper.view('1')?.state, patient).toBe('reading');
  await keeper.close();
});

test('keys are of a removed host alone where no other, nor the fleet file, has its address or its jump host', async () => {
  const known = ['one', 'two', 'bastion', '[one]:2222'].map(knownOf);
  const { keeper } = keeperOf({}, () => null, known);
  await keeper.load();
  const only = (id: string) => keeper.acceptedOnlyFor(id).map(({ place }) => place);
  await keeper.set({ ...record('1', 'one'), jumps: ['bastion'] });
  expect(only('1')).toEqual(['one', 'bastion']);
  await keeper.set({ ...record('2', 'two'), jumps: ['bastion'] });
  expect([only('1'), only('2')]).toEqual([['one'], ['two']]);
  await keeper.set({ ...record('3', 'three'), jumps: ['u@one'] });
  expect(only('1')).toEqual([]);
  const { id: _, createdAt: __, keyId: ___, ...two } = record('2', 'two');
  await keeper.setSite([{ ...two, pattern: 't[1-2]wo', keyName: 'k' }]);
  expect(only('2')).toEqual([]);
  expect(keeper.view('2')?.notes).toMatchObject([
    { code: 'in-fleet-file', text: expect.stringContaining('(ssh: t[1-2]wo)') },
  ]);
  expect(keeper.view('1')?.notes).toEqual([]);
  await keeper.remove('2');
  expect(keeper.views().find(({ address }) => address === 'two')).toMatchObject({
    source: 'fleet-file',
    notes: [],
  });
  await keeper.close();
});
