import type { Log } from './log.ts';
import type { Credentials } from './push/credential.ts';
import type { HubClient } from './push/hub-client.ts';
import { describeAnswer } from './push/refusal.ts';

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
    const isFailure = typeof packed === 'string';
    const answer = await client.post({
      path: `/api/v1/captures/${encodeURIComponent(captureId)}`,
      bearer: found.credential,
      body: isFailure ? Buffer.from(packed.slice(0, 1000)) : packed,
      isGzipped: false,
      contentType: isFailure ? 'text/plain' : 'application/gzip',
    });
    done = captureId;
    log(
      answer.status === 204
        ? `a capture that was asked for on the hub ${isFailure ? `could not be taken: ${packed}` : `was sent (${packed.length} bytes, masked)`}`
        : `a capture was not taken: ${describeAnswer(answer)}`,
    );
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
