import { describe, expect, test } from 'vitest';
import type { HostSummary, SshHostView } from '../../model/index.ts';
import { sshAttention } from './attention.ts';

const since = '2026-11-30T09:00:00.000Z';
const none: ReadonlySet<string> = new Set();

const view = (change: Partial<SshHostView>): SshHostView => ({
  id: 'a',
  address: 'gpu1.example',
  port: 22,
  user: 'gpufleet',
  jumps: [],
  keyId: 'k',
  intervalSeconds: null,
  client: 'ssh2',
  source: 'hub',
  keyName: 'main',
  hostId: null,
  hostname: null,
  state: 'reading',
  condition: null,
  notes: [],
  acceptedKey: null,
  offeredKey: null,
  lastTest: null,
  lastReadAt: null,
  ...change,
});
const failing = (change: Partial<SshHostView> = {}): SshHostView =>
  view({
    state: 'failing',
    condition: { code: 'refused', text: 'gpu1.example: the login is refused; look at the key there', since },
    ...change,
  });
const host = (state: HostSummary['state'], change: Partial<HostSummary> = {}): HostSummary =>
  ({ id: 'a', hostname: 'gpu-1', state, maintenance: null, ...change }) as HostSummary;

interface Known {
  readonly host?: HostSummary;
  readonly gone?: ReadonlySet<string>;
  readonly told?: ReadonlySet<string>;
}
const attention = (views: readonly SshHostView[], known: Known = {}) =>
  sshAttention(views, {
    summary: () => known.host ?? null,
    gone: known.gone ?? none,
    told: known.told ?? none,
  });
const lines = (views: readonly SshHostView[], known?: Known) =>
  attention(views, known).items.map(
    ({ severity, text, href, hostId }) => `${severity} ${hostId} ${text} ${href}`,
  );

describe('what SSH hosts need a person for', () => {
  test.each<readonly [what: string, view: SshHostView, line: string]>([
    [
      'a key that nobody accepted',
      view({ state: 'waiting-for-key' }),
      'warning null gpu1.example: an SSH host key waits to be compared and accepted /hosts/ssh?ssh=a',
    ],
    [
      'a changed key, where no alert tells it',
      view({ state: 'key-changed', hostId: 'a', hostname: 'gpu-1' }),
      'critical a gpu-1: another SSH host key is shown than the accepted one /hosts/ssh?ssh=a',
    ],
    [
      'a revoked key, where no alert tells it',
      view({ state: 'key-revoked' }),
      'critical null gpu1.example: an SSH host key is shown that is revoked /hosts/ssh?ssh=a',
    ],
    [
      'a host that was never read',
      failing(),
      'warning null gpu1.example cannot be read over SSH: gpu1.example: the login is refused /hosts/ssh?ssh=a',
    ],
  ])('%s', (_what, of, line) => {
    expect(lines([of])).toEqual([line]);
  });

  test.each<readonly [what: string, view: SshHostView, known: Known]>([
    ['one that is read', view({}), {}],
    ['one on the way there', view({ state: 'connecting' }), {}],
    ['one whose agent reports', view({ state: 'stepped-back' }), {}],
    ['one that is switched off', view({ state: 'off' }), {}],
    ['a cut that is mended before the host counts as gone', failing({ hostId: 'a' }), { host: host('late') }],
    [
      'a host whose silence an alert tells',
      failing({ hostId: 'a' }),
      { host: host('gone'), gone: new Set(['a']) },
    ],
    [
      'a key of which an alert tells',
      view({ state: 'key-changed' }),
      { told: new Set(['/hosts/ssh?ssh=a']) },
    ],
    [
      'a host in maintenance',
      view({ state: 'key-changed', hostId: 'a' }),
      { host: host('ok', { maintenance: { id: 'm', until: since, reason: null } as never }) },
    ],
  ])('nothing of %s', (_what, of, known) => {
    expect(attention([of], known)).toEqual({ items: [], hosts: new Set() });
  });

  test('a host of the fleet that is gone is told with the reason, and by this alone', () => {
    const found = attention([failing({ hostId: 'a', hostname: 'gpu-1' })], { host: host('gone') });
    expect(found.hosts).toEqual(new Set(['a']));
    expect(found.items).toEqual([
      {
        severity: 'critical',
        hostId: 'a',
        text: 'gpu-1 cannot be read over SSH: gpu1.example: the login is refused',
        since,
        href: '/hosts/ssh?ssh=a',
      },
    ]);
  });

  test('several of one cause are one line, since the first; another cause is another line', () => {
    const earlier = '2026-11-30T08:00:00.000Z';
    const waits = (id: string, at: string) =>
      view({ id, state: 'waiting-for-key', condition: { code: 'unknown-key', text: 'x', since: at } });
    const items = attention([waits('a', since), waits('b', earlier), failing({ id: 'c' })]).items;
    expect(items).toMatchObject([
      {
        text: 'The SSH host keys of 2 hosts wait to be compared and accepted',
        since: earlier,
        href: '/hosts/ssh',
        hostId: null,
      },
      { href: '/hosts/ssh?ssh=c' },
    ]);
  });

  test('the longest reason is cut', () => {
    const long = failing({ condition: { code: 'refused', text: 'x'.repeat(500), since } });
    expect(attention([long]).items[0]?.text.length).toBeLessThan(220);
  });
});
