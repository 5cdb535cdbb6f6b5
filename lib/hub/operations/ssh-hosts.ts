import { randomUUID } from 'node:crypto';
import type {
  SshClient,
  SshHostLinesView,
  SshHostSettings,
  SshHostsView,
  SshHostView,
  SshTest,
} from '../../model/index.ts';
import type { SshHostRecord, SshKnownRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { auditRecord } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError, refusedField } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { isAddress, isUser, readPlace } from '../ssh/host-lines.ts';
import { type InventoryFormat, readInventory } from '../ssh/inventory/index.ts';
import { placeOfHost, placesOnWay } from '../ssh/places.ts';
import { forgetHost } from './remove-host.ts';

const mostJumps = 8;
const inWords = ({ user, address, port, jumps, client }: SshHostSettings): string =>
  `${user}@${address}:${port}${jumps.length === 0 ? '' : ` through ${jumps.join(', ')}`}${client === 'ssh2' ? '' : ' by the OpenSSH client'}`;

/** Every host that is read over SSH, and the keys of this hub without their private parts. */
export async function listSshHosts(actor: Actor, context: HubContext): Promise<SshHostsView> {
  requireRole(actor, 'viewer');
  return { items: context.ssh.views(), keys: context.ssh.keyViews() };
}

/** One of them. Throws `not-found`. */
export async function getSshHost(actor: Actor, context: HubContext, id: string): Promise<SshHostView> {
  requireRole(actor, 'viewer');
  return viewOf(context, id);
}

function viewOf(context: HubContext, id: string): SshHostView {
  const view = context.ssh.view(id);
  if (view === null) throw new HubError('not-found', `There is no SSH host ${id}.`);
  return view;
}

/** Throws `not-found`, and `conflict` for one of the fleet file. */
function ownRecord(context: HubContext, id: string): SshHostRecord {
  const record = context.ssh.record(id);
  if (record === null) throw new HubError('not-found', `There is no SSH host ${id}.`);
  if (context.ssh.isOfSite(id))
    throw new HubError('conflict', 'The fleet file names this host: change it there.');
  return record;
}

/** Throws `unprocessable` with the field. */
function checkJumps(jumps: readonly string[], user: string): void {
  if (jumps.length > mostJumps) throw refusedField('/jumps', `At most ${mostJumps} jump hosts.`);
  for (const jump of jumps)
    try {
      readPlace(jump, user);
    } catch (error) {
      throw refusedField('/jumps', `${jump}: ${(error as Error).message}.`);
    }
}

/** Throws `unprocessable` with the field. */
function check(context: HubContext, settings: SshHostSettings, ownId: string | null): void {
  const { address, user, port, jumps, keyId } = settings;
  if (!isAddress(address)) throw refusedField('/address', `"${address}" is no host name or IP address.`);
  if (!isUser(user)) throw refusedField('/user', `"${user}" is no user name.`);
  if (context.ssh.key(keyId) === null) throw refusedField('/keyId', 'There is no such key.');
  checkJumps(jumps, user);
  const same = context.ssh.find(address, port);
  if (same !== null && same.id !== ownId)
    throw refusedField('/address', `${address}:${port} is there already.`);
}

async function put(actor: Actor, context: HubContext, records: readonly SshHostRecord[]): Promise<void> {
  const audits = records.map((record) => {
    const before = context.ssh.record(record.id);
    return auditRecord(actor, context.now(), {
      action: before === null ? 'ssh-host.add' : 'ssh-host.edit',
      subject: record.address,
      before: before === null ? null : inWords(before),
      after: inWords(record),
    });
  });
  await context.state.putSshHosts(records, audits);
  for (const record of records) await context.ssh.set(record);
}

const recordOf = (context: HubContext, settings: SshHostSettings): SshHostRecord => ({
  ...settings,
  id: randomUUID(),
  createdAt: new Date(context.now()).toISOString(),
});

/** Reading begins at once. */
export async function addSshHost(
  actor: Actor,
  context: HubContext,
  settings: SshHostSettings,
): Promise<SshHostView> {
  requireRole(actor, 'admin');
  check(context, settings, null);
  const record = recordOf(context, settings);
  await put(actor, context, [record]);
  return viewOf(context, record.id);
}

export interface ManySshHosts {
  readonly text: string;
  readonly format: InventoryFormat;
  /** Where a line says none. */
  readonly user: string;
  readonly keyId: string;
  readonly jumps: readonly string[];
  readonly intervalSeconds: number | null;
  readonly client: SshClient;
  /** Only says what would be. */
  readonly preview: boolean;
}

/** A host a line, patterns allowed, or an inventory of another tool; all are added, or none where a line is at fault. */
export async function addSshHosts(
  actor: Actor,
  context: HubContext,
  wanted: ManySshHosts,
): Promise<SshHostLinesView> {
  requireRole(actor, 'admin');
  if (!isUser(wanted.user)) throw refusedField('/user', `"${wanted.user}" is no user name.`);
  if (context.ssh.key(wanted.keyId) === null) throw refusedField('/keyId', 'There is no such key.');
  checkJumps(wanted.jumps, wanted.user);
  const [taken, places] = [context.ssh.places(), new Set<string>()];
  const lines = readInventory(wanted.format, wanted.text, wanted).map((line) => {
    if (line.settings === null) return line;
    const { address, port } = line.settings;
    const place = `${address.toLowerCase()}:${port}`;
    const isTwice = places.has(place);
    places.add(place);
    const fault = taken.has(placeOfHost({ address, port }))
      ? 'it is there already'
      : isTwice
        ? `${place} stands here twice`
        : null;
    return fault === null ? line : { ...line, settings: null, fault };
  });
  const settings = lines.flatMap((line) => (line.settings === null ? [] : [line.settings]));
  if (wanted.preview || settings.length < lines.length) return { lines, added: 0 };
  await put(
    actor,
    context,
    settings.map((each) => recordOf(context, each)),
  );
  return { lines, added: settings.length };
}

/** Reading begins anew. */
export async function editSshHost(
  actor: Actor,
  context: HubContext,
  wanted: { readonly id: string; readonly settings: SshHostSettings },
): Promise<SshHostView> {
  requireRole(actor, 'admin');
  const before = ownRecord(context, wanted.id);
  check(context, wanted.settings, wanted.id);
  await put(actor, context, [{ ...before, ...wanted.settings }]);
  return viewOf(context, wanted.id);
}

const forgotKey = ({ place, fingerprint }: SshKnownRecord) => ({
  action: 'ssh-host.forget-key',
  subject: place,
  before: fingerprint,
  after: null,
});

/** Ends reading. Without an agent of its own the host leaves the fleet; its history stays until its retention ends. */
export async function removeSshHost(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const record = ownRecord(context, id);
  const change = { action: 'ssh-host.remove', subject: record.address, before: inWords(record), after: null };
  // Nobody could see, or withdraw, a key that stays trusted for an address that no host has.
  const forgotten = context.ssh.acceptedOnlyFor(id);
  const audits = [change, ...forgotten.map(forgotKey)].map((each) => auditRecord(actor, context.now(), each));
  await context.state.removeSshHost(
    id,
    forgotten.map(({ place }) => place),
    audits,
  );
  await context.ssh.remove(id);
  for (const { place } of forgotten) context.ssh.forgetAccepted(place);
  context.sshInstalls.forget(id);
  const host = await context.state.getHost(id);
  if (host !== null && host.credentialHash === null) await forgetHost(context, id);
}

/** Tries each step now, over a connection of its own. */
export async function testSshHost(actor: Actor, context: HubContext, id: string): Promise<SshTest> {
  requireRole(actor, 'operator');
  const test = await context.ssh.test(id);
  if (test === null) throw new HubError('not-found', `There is no SSH host ${id}.`);
  return test;
}

/** Trusts the key that a host shows. Throws `conflict` when it shows another than the one that was compared. */
export async function acceptSshKey(
  actor: Actor,
  context: HubContext,
  wanted: { readonly id: string; readonly fingerprint: string },
): Promise<SshHostView> {
  requireRole(actor, 'admin');
  viewOf(context, wanted.id);
  const offered = context.ssh.offered(wanted.id);
  if (offered === null || offered.fingerprint !== wanted.fingerprint)
    throw new HubError(
      'conflict',
      offered === null
        ? 'The host shows no key that waits to be accepted.'
        : `The host now shows ${offered.fingerprint}: compare that one.`,
    );
  const { place, type, fingerprint, line } = offered;
  const now = context.now();
  const by = actorName(actor);
  const known = { place, type, fingerprint, line, acceptedAt: new Date(now).toISOString(), acceptedBy: by };
  const before = context.ssh.accepted(place)?.fingerprint ?? null;
  const change = { action: 'ssh-host.accept-key', subject: place, before, after: fingerprint };
  await context.state.putSshKnown(known, auditRecord(actor, now, change));
  context.ssh.accept(known);
  return viewOf(context, wanted.id);
}

/**
 * Withdraws the trust in a key that a person accepted, for a host or a jump host on the way to it (`place`, as known_hosts
 * writes it; left out, the host's own). Connections over it end at once. Throws `not-found` where none was accepted.
 */
export async function forgetAcceptedKey(
  actor: Actor,
  context: HubContext,
  wanted: { readonly id: string; readonly place?: string | undefined },
): Promise<void> {
  requireRole(actor, 'admin');
  const record = context.ssh.record(wanted.id);
  if (record === null) throw new HubError('not-found', `There is no SSH host ${wanted.id}.`);
  const place = wanted.place?.toLowerCase() ?? placeOfHost(record);
  if (!placesOnWay(record).includes(place))
    throw new HubError('not-found', `${place} is neither ${record.address} nor one of its jump hosts.`);
  const known = context.ssh.accepted(place);
  if (known === null)
    throw new HubError(
      'not-found',
      `No key of ${place} was accepted on this hub. What a known_hosts file of its machine vouches for is removed there.`,
    );
  await context.state.removeSshKnown(place, auditRecord(actor, context.now(), forgotKey(known)));
  context.ssh.forgetAccepted(place);
}
