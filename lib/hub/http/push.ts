import { enrollBytes, readEnroll, readPush, type WireResult } from '../../protocol/index.ts';
import { HubError } from '../errors.ts';
import { enrollHost } from '../operations/enroll-host.ts';
import { pushReports } from '../operations/push-reports.ts';
import { problemOf, toHubError } from '../problem.ts';
import { networkOf } from '../rate-limit.ts';
import { requireAgent } from '../require-role.ts';
import { hashSecret, secretKind } from '../secrets.ts';
import { readBody } from './body.ts';
import { ByteBudget, busy } from './byte-budget.ts';
import { actorOf, type Call, headerOf, peerOf, requireMethod } from './call.ts';
import { sendJson } from './respond.ts';

/** Pushes in work at once. */
const maxPushesInWork = 256;
/** Bodies of pushes in work may fill this many of the largest; those of a fleet in step are far below it. */
const largestInWork = 4;
/** Of enrolments, which anyone may send: apart, so that they cannot keep pushes out. */
const maxEnrollBytesInWork = 64 * enrollBytes;

const pushBytes = new ByteBudget();
const enrolmentBytes = new ByteBudget();
let pushesInWork = 0;

function wireValue<T>(result: WireResult<T>): T {
  if (result.outcome === 'read') return result.value;
  const code = result.outcome === 'unreadable' ? 'invalid' : 'unprocessable';
  throw new HubError(code, result.detail, { errors: result.errors });
}

/** An agent whose credential the hub does not know is remembered and told so; anyone else is a plain stranger. */
async function noteStranger(call: Call): Promise<void> {
  const secret = bearerOf(call);
  if (secret === null || secretKind(secret) !== 'agent') return;
  const { context } = call;
  const was = await context.state.findRetiredCredential(hashSecret(secret));
  context.lives.note({
    kind: 'unknown-credential',
    hostId: was?.hostId ?? null,
    hostname: was?.hostname ?? null,
    peer: peerOf(call),
  });
  throw new HubError(
    'unauthenticated',
    "The hub does not know this host's credential: the host was removed there, or its id was given to another machine.",
  );
}

const bearerOf = ({ request }: Call): string | null =>
  /^Bearer +(\S{1,200})$/i.exec(headerOf(request, 'authorization') ?? '')?.[1] ?? null;

async function takePush(call: Call): Promise<number> {
  const { context, request, response } = call;
  requireMethod(call, 'POST');
  // At the head, so that a slow upload does not pass for a clock that is behind.
  const receivedAtMillis = context.now();
  const actor = await actorOf(call);
  if (actor.kind === 'stranger') await noteStranger(call);
  const hostId = requireAgent(actor);
  context.limits.pushes.take(hostId, context.now());
  const { maxPushBytes, maxInflatedPushBytes } = context.config;
  const share = pushBytes.share(largestInWork * maxInflatedPushBytes);
  try {
    const limits = { maxBytes: maxPushBytes, maxInflatedBytes: maxInflatedPushBytes, share };
    const { body, receivedBytes } = await readBody(request, limits);
    const push = wireValue(readPush(body));
    sendJson(
      response,
      202,
      await pushReports(actor, context, { push, receivedAtMillis, peer: peerOf(call) }),
    );
    return receivedBytes;
  } finally {
    share.release();
  }
}

/** POST /api/v1/push. */
export async function handlePush(call: Call): Promise<void> {
  const started = performance.now();
  const note = (status: number, bodyBytes: number) =>
    call.context.hubMetrics.notePush({ status, seconds: (performance.now() - started) / 1000, bodyBytes });
  if (pushesInWork >= maxPushesInWork) {
    note(503, 0);
    throw busy();
  }
  pushesInWork += 1;
  try {
    note(202, await takePush(call));
  } catch (error) {
    note(problemOf(toHubError(error)).status, 0);
    throw error;
  } finally {
    pushesInWork -= 1;
  }
}

/** POST /api/v1/enroll: the token in the Authorization header is what authorises it. */
export async function handleEnroll(call: Call): Promise<void> {
  const { context, request, response } = call;
  requireMethod(call, 'POST');
  const token = bearerOf(call);
  const peer = peerOf(call);
  context.limits.enrollFailures.check(networkOf(peer), context.now());
  if (token === null) throw new HubError('unauthenticated', 'Send the enrolment token as a bearer token.');
  const share = enrolmentBytes.share(maxEnrollBytesInWork);
  try {
    const limits = { maxBytes: enrollBytes, maxInflatedBytes: enrollBytes, share };
    const { body } = await readBody(request, limits);
    const answer = await enrollHost(context, { token, peer, request: wireValue(readEnroll(body)) });
    sendJson(response, 201, answer);
  } finally {
    share.release();
  }
}
