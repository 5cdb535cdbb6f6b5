import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { HubError } from '../errors.ts';

const gunzipAsync = promisify(gunzip);
/** Inflating so little at once costs less than a trip through the thread pool. */
const inflateAtOnceBytes = 32 * 1024;

export interface BodyLimits {
  readonly maxBytes: number;
  readonly maxInflatedBytes: number;
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

function receive(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
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
      if (received > maxBytes) settle(() => reject(tooLarge('as sent', maxBytes)));
      else chunks.push(chunk);
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks)));
    const onGone = () => settle(() => reject(new HubError('invalid', 'The body ended early.')));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

async function inflate(packed: Buffer, maxInflatedBytes: number): Promise<Buffer> {
  const options = { maxOutputLength: maxInflatedBytes };
  try {
    return packed.length <= inflateAtOnceBytes
      ? gunzipSync(packed, options)
      : await gunzipAsync(packed, options);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge('after inflation', maxInflatedBytes);
    throw new HubError('invalid', 'The body is not gzip, or was cut short.', { cause: error });
  }
}

/** Reads a JSON body's bytes, never past its limits. Throws `too-large`, `unsupported-media-type` or `invalid`. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBody> {
  const encoding = checkTypes(request);
  const received = await receive(request, limits.maxBytes);
  const body = encoding === 'gzip' ? await inflate(received, limits.maxInflatedBytes) : received;
  if (body.length > limits.maxInflatedBytes) throw tooLarge('after inflation', limits.maxInflatedBytes);
  return { body, receivedBytes: received.length };
}
