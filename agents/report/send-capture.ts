import type { Log } from './log.ts';
import type { Credentials } from './push/credential.ts';
import type { HubAnswer, HubClient } from './push/hub-client.ts';
import { describeAnswer, hubProblem } from './push/refusal.ts';

export interface CaptureSender {
  /** The hub asks for one under this id, with each answer until it has it. */
  want(captureId: string): void;
}

export interface CaptureSenderOptions {
  readonly client: HubClient;
  readonly credentials: Credentials;
  readonly log: Log;
  /** The packed archive; rejects with one line for a person. */
  readonly take: () => Promise<Buffer>;
}

const megabytes = (bytes: number): string => `${Math.max(0.1, bytes / 1e6).toFixed(1)} MB`;

/** A proxy that refuses what is large is not the hub, and a person can change it. */
function whyRefused(answer: HubAnswer, bytes: number): string {
  return hubProblem(answer) === null
    ? `a proxy in front of the hub refused ${megabytes(bytes)}: ${describeAnswer(answer).replace('the hub answered ', '')}`
    : describeAnswer(answer);
}

/** Takes each capture that is asked for once, and sends it or why there is none. One at a time. */
export function createCaptureSender({ client, credentials, log, take }: CaptureSenderOptions): CaptureSender {
  let done: string | null = null;
  let isBusy = false;
  const send = async (captureId: string): Promise<void> => {
    const found = await credentials.get();
    if ('kind' in found) return;
    const packed = await take().catch((error: unknown) =>
      String(error instanceof Error ? error.message : error),
    );
    const post = (body: Buffer, contentType: string) =>
      client.post({
        path: `/api/v1/captures/${encodeURIComponent(captureId)}`,
        bearer: found.credential,
        body,
        isGzipped: false,
        contentType,
      });
    /** Whoever asked sees why nothing comes. Where this does not arrive either, the hub's next answer asks again. */
    const tellWhy = async (why: string): Promise<void> => {
      log(`a capture that was asked for on the hub is not there: ${why}`);
      await post(Buffer.from(why.slice(0, 1000)), 'text/plain');
      done = captureId;
    };
    if (typeof packed === 'string') {
      await tellWhy(packed);
      return;
    }
    const refusal = await post(packed, 'application/gzip').then(
      (answer) => (answer.status === 204 ? null : whyRefused(answer, packed.length)),
      (error: unknown) =>
        `${megabytes(packed.length)} did not arrive: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (refusal !== null) {
      await tellWhy(refusal);
      return;
    }
    done = captureId;
    log(`a capture that was asked for on the hub was sent (${packed.length} bytes, masked)`);
  };
  return {
    want(captureId) {
      if (isBusy || captureId === done) return;
      isBusy = true;
      send(captureId)
        .catch((error: unknown) => log(`a capture could not be sent: ${String(error)}`))
        .finally(() => {
          isBusy = false;
        });
    },
  };
}
