import type { IncomingMessage } from 'node:http';
import { createGunzip, gunzipSync } from 'node:zlib';
import { HubError } from '../errors.ts';
import type { Share } from './byte-budget.ts';

/** Of what inflates a body: a report is mostly one piece. */
const inflatedChunkBytes = 64 * 1024;
/**
 * A usual report is inflated at once, which costs a quarter of the way through the thread pool. Past either bound, a
 * millisecond's work, it is not: others are to be answered meanwhile.
 */
const maxPackedAtOnceBytes = 64 * 1024;
const maxInflatedAtOnceBytes = 256 * 1024;

export interface BodyLimits {
  readonly maxBytes: number;
  readonly maxInflatedBytes: number;
  /** What is received and inflated is counted here as it comes. */
  readonly share: Share;
}

export interface ReadBody {
  readonly body: Buffer;
  /** As it came. */
  readonly receivedBytes: number;
}

const tooLarge = (what: string, limit: number) =>
  new HubError('too-large', `The body is larger than ${limit} bytes ${what}.`);

/** `gzip` or `identity`; throws `unsupported-media-type` for any other type or encoding. */
function checkTypes(request: IncomingMessage): 'gzip' | 'identity' {
  const type = String(request.headers['content-type'] ?? '').toLowerCase();
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/.test(type))
    throw new HubError('unsupported-media-type', 'The content type must be application/json.');
  const encoding = String(request.headers['content-encoding'] ?? 'identity')
    .toLowerCase()
    .trim();
  if (encoding === 'gzip' || encoding === 'identity') return encoding;
  throw new HubError('unsupported-media-type', 'The content encoding must be gzip or none.');
}

/** The bytes of a body as they come, never past `maxBytes`. */
export function receive(request: IncomingMessage, { maxBytes, share }: BodyLimits): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge('as sent', maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      finish();
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      try {
        if (received > maxBytes) throw tooLarge('as sent', maxBytes);
        share.take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onGone = () => settle(() => reject(new HubError('invalid', 'The body ended early.')));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

/** Null for what is longer than is inflated at once, and for what is no gzip: the longer way tells why. */
function inflatedAtOnce(packed: Buffer, maxInflatedBytes: number): Buffer | null {
  if (packed.length > maxPackedAtOnceBytes) return null;
  try {
    const maxOutputLength = Math.min(maxInflatedBytes, maxInflatedAtOnceBytes);
    // Its last four bytes say how long it will be: room for just that, where it is true.
    const saidBytes = packed.length < 18 ? 0 : packed.readUInt32LE(packed.length - 4);
    const chunkSize = Math.min(saidBytes + 64, inflatedChunkBytes);
    return gunzipSync(packed, { chunkSize, maxOutputLength });
  } catch {
    return null;
  }
}

/** A long one piece by piece in the thread pool, so that a bomb ends at its limit. */
export async function readInflated(packed: Buffer, { maxInflatedBytes, share }: BodyLimits): Promise<Buffer> {
  const short = inflatedAtOnce(packed, maxInflatedBytes);
  if (short !== null) {
    share.take(short.length);
    return short;
  }
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes });
  gunzip.end(packed);
  const chunks: Buffer[] = [];
  let inflated = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      inflated += chunk.length;
      if (inflated > maxInflatedBytes) throw tooLarge('after inflation', maxInflatedBytes);
      share.take(chunk.length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, inflated);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError('invalid', 'The body is not gzip, or was cut short.', { cause: error });
  }
}

/** Reads a JSON body's bytes, never past its limits. Throws `too-large`, `unavailable` and the like. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBody> {
  const encoding = checkTypes(request);
  const received = await receive(request, limits);
  const body = encoding === 'gzip' ? await readInflated(received, limits) : received;
  if (body.length > limits.maxInflatedBytes) throw tooLarge('after inflation', limits.maxInflatedBytes);
  return { body, receivedBytes: received.length };
}
