import { type AskedPause, longestPauseSeconds, type PushAnswer } from '../../../lib/model/index.ts';
import type { OutgoingReport } from './body.ts';
import type { Credentials } from './credential.ts';
import type { HubAnswer, HubClient } from './hub-client.ts';
import { pack } from './pack.ts';
import { describeAnswer, type HubProblem, hubProblem, type Refusal } from './refusal.ts';

/**
 * What became of one push. `rejected`: these reports are not taken as they are. `isFinal`: the hub itself says so of
 * the reports, and not a proxy, or the hub of something else in the push.
 */
export type Delivery =
  | { readonly kind: 'accepted'; readonly answer: PushAnswer }
  | { readonly kind: 'rejected'; readonly message: string; readonly isFinal: boolean }
  | Refusal;

export interface Courier {
  readonly client: HubClient;
  readonly credentials: Credentials;
  /** The body around the reports, made at the last moment: it holds the time of sending. */
  compose(reports: readonly OutgoingReport[]): Buffer;
  /** The hub's status of each try, or `unreachable`. */
  onTry(outcome: number | 'unreachable'): void;
}

/** Sends one push. Never rejects. */
export async function deliver(courier: Courier, reports: readonly OutgoingReport[]): Promise<Delivery> {
  try {
    const found = await courier.credentials.get();
    if ('kind' in found) return found;
    const { client } = courier;
    const body = courier.compose(reports);
    const isGzipped = client.isNear !== true;
    const answer = await client.post({
      path: '/api/v1/push',
      bearer: found.credential,
      body: isGzipped ? pack(body) : body,
      isGzipped,
    });
    courier.onTry(answer.status);
    return await read(courier, answer);
  } catch (error) {
    courier.onTry('unreachable');
    const { message } = error as Error;
    return { kind: 'retry', message: `${courier.client.url} cannot be reached: ${message}` };
  }
}

async function read({ credentials }: Courier, answer: HubAnswer): Promise<Delivery> {
  // What nearly every push comes back with: nothing of it is a problem to be described.
  if (answer.status === 202) return readAnswer(answer);
  const message = describeAnswer(answer);
  const problem = hubProblem(answer);
  switch (answer.status) {
    case 400:
    case 413:
    case 422:
      return { kind: 'rejected', message, isFinal: problem !== null && concernsReports(problem) };
    case 401:
    // 409: the kept credential is of another host id than this agent's; enrolled anew, it gets its own.
    case 409:
      return problem === null ? { kind: 'refused', message } : credentials.renew(message);
    case 408:
    case 429:
      return { kind: 'retry', message, retryAfter: answer.retryAfter };
    default:
      return answer.status >= 500
        ? { kind: 'retry', message, retryAfter: answer.retryAfter }
        : { kind: 'refused', message };
  }
}

/** A host or an agent that the hub refuses is no fault of its reports. */
const concernsReports = ({ pointers }: HubProblem): boolean =>
  pointers.length === 0 || pointers.some((pointer) => /^\/reports(\/|$)/.test(pointer));

function readAnswer(answer: HubAnswer): Delivery {
  try {
    const value = JSON.parse(answer.body) as Partial<PushAnswer>;
    const { intervalSeconds, backlogReports, accepted = 0, duplicates = 0, serverTime = '' } = value;
    const rawText = value.rawText === true;
    const captureId = typeof value.captureId === 'string' ? value.captureId.slice(0, 64) : null;
    if (typeof intervalSeconds === 'number' && typeof backlogReports === 'number') {
      return {
        kind: 'accepted',
        answer: {
          intervalSeconds,
          backlogReports,
          accepted,
          duplicates,
          serverTime,
          rawText,
          ...(value.sendSoftware === true ? { sendSoftware: true } : {}),
          ...readPause(value.pause),
          ...(captureId === null ? {} : { captureId }),
          // Checked where it is used: it counts only with its signature.
          ...(value.upgrade === undefined ? {} : { upgrade: value.upgrade }),
        },
      };
    }
  } catch {
    // Said below, as for JSON of another shape.
  }
  return { kind: 'refused', message: 'what answers 202 at this address is no gpufleet hub' };
}

/** What the hub asks, within what an agent does: a pause always ends by itself. */
function readPause(asked: unknown): { readonly pause?: AskedPause } {
  const { id, seconds, by, reason } = Object(asked) as Partial<Record<keyof AskedPause, unknown>>;
  if (typeof id !== 'string' || typeof seconds !== 'number' || !(seconds > 0)) return {};
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const pause = {
    id,
    seconds: Math.min(seconds, longestPauseSeconds),
    by: text(by) ?? 'the hub',
    reason: text(reason),
  };
  return { pause };
}
