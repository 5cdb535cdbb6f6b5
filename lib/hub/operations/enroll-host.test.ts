import { expect, test } from 'vitest';
import type { HostRecord } from '../../state/state-store.ts';
import type { HubContext } from '../context.ts';
import { createHostTokens } from '../host-tokens.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { newSecret } from '../secrets.ts';
import { enrollHost } from './enroll-host.ts';

const own = { id: 'over-ssh', machine: 'the machine' };

/** A hub that reads one host over SSH, and was given a token for any host and one for `forHost`. */
function hubWith({ isKnown, forHost = 'new' }: { readonly isKnown: boolean; readonly forHost?: string }) {
  const hosts = new Map<string, HostRecord>();
  const record = { id: own.id, hostname: 'gpu1', credentialHash: null, lastReportAt: '2026-01-01T00:00:00Z' };
  if (isKnown) hosts.set(own.id, record as HostRecord);
  const hostTokens = createHostTokens(() => 0);
  const context = {
    now: () => 0,
    hostTokens,
    limits: { enrollFailures: createRateLimiter(10, 1) },
    state: {
      getHost: async (id: string) => hosts.get(id) ?? null,
      putHost: async (host: HostRecord) => void hosts.set(host.id, host),
      getEnrollmentToken: async () => ({ expiresAt: '2100-01-01T00:00:00Z', labels: {} }),
      appendAudit: async () => {},
    },
    ssh: {
      record: (id: string) => (id === own.id ? {} : null),
      machineOf: (id: string) => (id === own.id ? own.machine : null),
      ofMachine: (machine: string) => (machine === own.machine ? own.id : null),
      mayPush: (id: string) => id === own.id,
    },
    fleet: { know: () => {}, lastReport: () => null },
    lives: { note: () => {}, noteName: () => {}, settle: async () => {} },
  } as unknown as HubContext;
  const oneHost = hostTokens.make({ hostId: forHost, createdBy: 'ada', expiresAtMillis: 1000 });
  const enrol = (token: string, id: string, machine: string | null) =>
    enrollHost(context, {
      token,
      peer: '10.0.0.1',
      request: {
        host: { id, hostname: 'x', labels: {}, ...(machine === null ? {} : { machine }) },
      } as never,
    });
  return { enrol, oneHost, hosts };
}

test.each([
  ['another machine', 'another'],
  ['one that does not say which', null],
])('the id of a host that is read over SSH is not given to %s', async (_what, machine) => {
  const { enrol, hosts } = hubWith({ isKnown: true });
  await expect(enrol(newSecret('enrollment'), own.id, machine)).rejects.toThrow(
    /is read over SSH by this hub/,
  );
  expect(hosts.get(own.id)?.credentialHash).toBeNull();
});

test('it is given to the agent of that machine, whatever id it says', async () => {
  for (const id of [own.id, 'random']) {
    const { enrol } = hubWith({ isKnown: true });
    expect((await enrol(newSecret('enrollment'), id, own.machine)).hostId).toBe(own.id);
  }
});

test('a token of one host gives that host alone: no other by the machine that is said', async () => {
  const { enrol, oneHost, hosts } = hubWith({ isKnown: true, forHost: 'new' });
  expect((await enrol(oneHost, 'new', own.machine)).hostId).toBe('new');
  expect(hosts.get(own.id)?.credentialHash).toBeNull();
});

test('a token of the host that is read over SSH needs no machine', async () => {
  const { enrol, oneHost } = hubWith({ isKnown: true, forHost: own.id });
  expect((await enrol(oneHost, own.id, null)).hostId).toBe(own.id);
});
