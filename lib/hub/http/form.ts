import type { IncomingMessage } from 'node:http';
import { HubError } from '../errors.ts';

/** A name, a password and where to go: no form of ours is near this. */
const maxBytes = 8 * 1024;

/** The fields of a form. Throws `unsupported-media-type`, `too-large`, `invalid`. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = String(request.headers['content-type'] ?? '');
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw new HubError('unsupported-media-type', 'Send a form.');
  const tooLarge = () => new HubError('too-large', `The form is larger than ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Not destroyed when left early, so that the refusal can still be sent.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError('invalid', 'The form ended early.');
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
