import { readPush } from '../../protocol/index.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { takeFailedCapture, takeSentCapture } from '../operations/captures.ts';
import { pushReports } from '../operations/push-reports.ts';
import { problemOf, toHubError } from '../problem.ts';
import type { SentCapture, TakenAnswer } from './door.ts';
import { overSsh } from './over-ssh.ts';

async function take(context: HubContext, hostId: string, body: Buffer): Promise<string> {
  if (!context.ssh.mayPush(hostId))
    throw new HubError('unavailable', 'This host is not read over SSH any more.');
  const result = readPush(body);
  if (result.outcome !== 'read')
    throw new HubError(result.outcome === 'unreadable' ? 'invalid' : 'unprocessable', result.detail, {
      errors: result.errors,
    });
  const received = { push: result.value, receivedAtMillis: context.now(), peer: overSsh };
  const answer = await pushReports({ kind: 'agent', hostId }, context, received);
  const own = context.ssh.record(hostId)?.intervalSeconds ?? answer.intervalSeconds;
  const isWatched = answer.rawText === true;
  const intervalSeconds = isWatched ? Math.min(own, answer.intervalSeconds) : own;
  return JSON.stringify({ ...answer, intervalSeconds });
}

const answerTo = (error: unknown): TakenAnswer => {
  const problem = problemOf(toHubError(error));
  return { status: problem.status, body: JSON.stringify(problem) };
};

/** The capture of an SSH host that was asked for. Never rejects. */
export async function takeSshCapture(
  context: HubContext,
  hostId: string,
  { captureId, sent }: SentCapture,
): Promise<TakenAnswer> {
  const actor = { kind: 'agent', hostId } as const;
  try {
    if ('message' in sent) await takeFailedCapture(actor, context, { captureId, message: sent.message });
    else await takeSentCapture(actor, context, { captureId, archive: sent });
    return { status: 204, body: '' };
  } catch (error) {
    return answerTo(error);
  }
}

/** What the reader of an SSH host sends, checked as any push is. Never rejects. */
export async function takeSshPush(context: HubContext, hostId: string, body: Buffer): Promise<TakenAnswer> {
  try {
    const { maxInflatedPushBytes } = context.config;
    if (body.length > maxInflatedPushBytes)
      throw new HubError('too-large', `A push may have ${maxInflatedPushBytes} bytes.`);
    return { status: 202, body: await take(context, hostId, body) };
  } catch (error) {
    return answerTo(error);
  }
}
