import type { CaptureView } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import { audit } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireAgent, requireRole } from '../require-role.ts';

const known = (context: HubContext, id: string) => {
  const host = context.fleet.summary(id);
  if (host === null) throw new HubError('not-found', `There is no host ${id}.`);
  return host;
};

const store = (context: HubContext) => ({ state: context.state, nowMillis: context.now() });

/** Asks a host's agent for a masked capture, with its next push. Throws `not-found`. */
export async function askCapture(actor: Actor, context: HubContext, id: string): Promise<CaptureView> {
  requireRole(actor, 'operator');
  const { hostname } = known(context, id);
  if (context.captures.view(id).state !== 'asked') {
    context.captures.ask(id, actorName(actor));
    const change = { action: 'capture.ask', subject: `host ${hostname} (${id})`, before: null, after: null };
    await audit(actor, store(context), change);
  }
  return context.captures.view(id);
}

/** What became of the capture that was asked for last. Throws `not-found`. */
export async function getCapture(actor: Actor, context: HubContext, id: string): Promise<CaptureView> {
  requireRole(actor, 'operator');
  known(context, id);
  return context.captures.view(id);
}

export interface CaptureFile {
  /** As a browser saves it. */
  readonly name: string;
  readonly archive: Buffer;
}

/** The archive itself; each time someone fetches it, the audit log says so. Throws `not-found`. */
export async function fetchCapture(
  actor: Actor,
  context: HubContext,
  captureId: string,
): Promise<CaptureFile> {
  requireRole(actor, 'operator');
  const found = context.captures.archive(captureId);
  if (found === null)
    throw new HubError('not-found', 'This capture is not kept any more; ask for another on the host’s page.');
  const { hostId, archive } = found;
  const hostname = context.fleet.summary(hostId)?.hostname ?? hostId;
  await audit(actor, store(context), {
    action: 'capture.download',
    subject: `host ${hostname} (${hostId})`,
    before: null,
    after: `${archive.length} bytes`,
  });
  // Whoever saves it may send it on: the name says no more than the masked texts do.
  return { name: `gpufleet-capture-${captureId.slice(0, 8)}.tar.gz`, archive };
}

const gzipMagic = [0x1f, 0x8b] as const;

/** What an agent sends when it was asked. Throws `conflict` when it was not, `unprocessable` for what is no gzip. */
export async function takeSentCapture(
  actor: Actor,
  context: HubContext,
  sent: { readonly captureId: string; readonly archive: Buffer },
): Promise<void> {
  const hostId = requireAgent(actor);
  if (gzipMagic.some((byte, at) => sent.archive[at] !== byte))
    throw new HubError('unprocessable', 'A capture is a gzipped tar.');
  if (!context.captures.take(hostId, sent.captureId, sent.archive))
    throw new HubError('conflict', 'No such capture is wanted of this host, or not any more.');
}

/** Why an agent could not take one. */
export async function takeFailedCapture(
  actor: Actor,
  context: HubContext,
  sent: { readonly captureId: string; readonly message: string },
): Promise<void> {
  const hostId = requireAgent(actor);
  if (!context.captures.fail(hostId, sent.captureId, sent.message))
    throw new HubError('conflict', 'No such capture is wanted of this host, or not any more.');
}
