import { randomUUID } from 'node:crypto';
import type { SshKeyView } from '../../model/index.ts';
import type { SshKeyRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { auditRecord } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError, refusedField } from '../errors.ts';
import { requireRole } from '../require-role.ts';

export interface NewSshKey {
  readonly name: string;
  /** A private key on the hub's machine; null: the hub makes one. */
  readonly path: string | null;
  readonly passphrase: string | null;
}

type Material = Pick<SshKeyRecord, 'kind' | 'path' | 'secret' | 'publicLine'>;

async function materialOf(context: HubContext, wanted: NewSshKey): Promise<Material> {
  const { name, path, passphrase } = wanted;
  if (path === null) {
    const { privateText, publicLine } = context.sshDoor.makeKey(`gpufleet-${name}`);
    return { kind: 'made', path, secret: context.sealer.seal(privateText), publicLine };
  }
  if (!path.startsWith('/')) throw refusedField('/path', 'The whole path of the file, from / on.');
  const publicLine = await context.sshDoor.publicLine(path, passphrase).catch((error: Error) => {
    throw refusedField('/path', error.message);
  });
  const secret = passphrase === null ? null : context.sealer.seal(passphrase);
  return { kind: 'file', path, secret, publicLine: `${publicLine} gpufleet-${name}` };
}

/** Makes a key, or names one in a file. Its private part is encrypted at rest and never shown. */
export async function addSshKey(actor: Actor, context: HubContext, wanted: NewSshKey): Promise<SshKeyView> {
  requireRole(actor, 'admin');
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(wanted.name))
    throw refusedField('/name', 'Letters, digits, dots, dashes and underscores only.');
  if (context.ssh.keyViews().some(({ name }) => name === wanted.name))
    throw refusedField('/name', 'There is a key of that name.');
  const createdAt = new Date(context.now()).toISOString();
  const key = { id: randomUUID(), name: wanted.name, createdAt, ...(await materialOf(context, wanted)) };
  const change = {
    action: 'ssh-key.add',
    subject: key.name,
    before: null,
    after: key.kind === 'made' ? 'made by this hub' : `file ${key.path}`,
  };
  await context.state.putSshKey(key, auditRecord(actor, context.now(), change));
  context.ssh.setKey(key);
  const { id, name, kind, publicLine } = key;
  return { id, name, kind, publicLine, createdAt };
}

/** Throws `conflict` while a host uses it. */
export async function removeSshKey(actor: Actor, context: HubContext, id: string): Promise<void> {
  requireRole(actor, 'admin');
  const key = context.ssh.key(id);
  if (key === null) throw new HubError('not-found', `There is no key ${id}.`);
  if (context.ssh.isKeyUsed(id))
    throw new HubError('conflict', 'Hosts log in with it: give them another key first.');
  const change = { action: 'ssh-key.remove', subject: key.name, before: key.kind, after: null };
  await context.state.removeSshKey(id, auditRecord(actor, context.now(), change));
  context.ssh.forgetKey(id);
}
