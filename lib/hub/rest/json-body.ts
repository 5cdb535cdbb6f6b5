import type { z } from 'zod';
import { wireErrors } from '../../protocol/index.ts';
import { HubError } from '../errors.ts';

/** No request of a person or a script is near this; pushes have their own reader. */
const maxBytes = 256 * 1024;

const tooLarge = () => new HubError('too-large', `The body is larger than ${maxBytes} bytes.`);

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}

/**
 * The body by its schema. Throws `unsupported-media-type`, `too-large`, `invalid` for what is no JSON, and
 * `unprocessable` with a JSON pointer for each bad field.
 */
export async function readJsonBody(request: Request, schema: z.ZodType): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new HubError('unsupported-media-type', 'The content type must be application/json.');
  let value: unknown;
  try {
    value = JSON.parse(await readText(request));
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError('invalid', 'The body is not JSON.');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HubError('unprocessable', 'Fields are not as they should be.', {
    errors: wireErrors(result.error),
  });
}
