import type { ExplainedError, HostDetail, TroubledHostView } from '../../model/index.ts';
import { type FoundError, findErrors, hasError, knownError, knownErrors } from '../../troubles/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { requireRole } from '../require-role.ts';

const mostHosts = 500;
const now = 'have this error now';

/** Why a host is among those that have it: its finding, else its failure, its Xid, else its state. */
function whyOf(host: HostDetail, { error, asked }: FoundError): string {
  const finding = host.doctor?.findings.find(({ code }) => error.findings?.includes(code) === true);
  if (finding !== undefined) return finding.what;
  if (host.failure !== null && error.failureCodes?.includes(host.failure.code) === true)
    return host.failure.message;
  const number = /^xid-(\d+)$/.exec(error.slug)?.[1];
  const xid = host.faultCounts?.xids.find((each) => String(each.xid) === number);
  if (xid !== undefined)
    return `${xid.count} times since it booted, last at ${xid.lastAt ?? 'an unknown time'}`;
  const { stack } = host;
  if (asked !== null && stack !== null)
    return `driver ${stack.kernelDriverVersion ?? stack.driverVersion ?? 'unknown'} has CUDA ${stack.cudaVersion ?? 'unknown'}`;
  return host.stateReason;
}

function hostsOf(context: HubContext, found: FoundError): readonly TroubledHostView[] {
  const troubled: TroubledHostView[] = [];
  for (const { id } of context.fleet.summaries()) {
    const host = context.fleet.detail(id, context.now());
    if (host === null || host.state === 'gone' || !hasError(host, found)) continue;
    troubled.push({ id, hostname: host.hostname, group: host.group, why: whyOf(host, found) });
    if (troubled.length >= mostHosts) break;
  }
  return troubled;
}

function explained(context: HubContext, found: FoundError): ExplainedError {
  const { error, asked } = found;
  const { slug, title, says, cause, fix, source, basis, hostsAre = now } = error;
  return {
    slug,
    title,
    says,
    cause,
    fix,
    source,
    basis,
    asked,
    hostsAre,
    hosts: hostsOf(context, found),
    hostsInAll: context.fleet.summaries().length,
  };
}

/** Every error that a text tells of, the most exact first; empty for a text that is none. */
export async function explainText(
  actor: Actor,
  context: HubContext,
  text: string,
): Promise<readonly ExplainedError[]> {
  requireRole(actor, 'viewer');
  return findErrors(text).map((found) => explained(context, found));
}

/** One error by its address; the text says what exactly is asked for. Throws `not-found`. */
export async function explainError(
  actor: Actor,
  context: HubContext,
  slug: string,
  text: string,
): Promise<ExplainedError> {
  requireRole(actor, 'viewer');
  const error = knownError(slug);
  if (error === null) throw new HubError('not-found', `There is no known error ${slug}.`);
  const said = findErrors(text).find((found) => found.error.slug === slug);
  return explained(context, said ?? { error, asked: null });
}

export async function listKnownErrors(
  actor: Actor,
): Promise<readonly Pick<ExplainedError, 'slug' | 'title' | 'says'>[]> {
  requireRole(actor, 'viewer');
  return knownErrors.map(({ slug, title, says }) => ({ slug, title, says }));
}
