import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

const mostBytes = 64 * 1024 * 1024;

/** Input that cannot be read, in words for the user. */
export class InputError extends Error {}

/**
 * The text of a file, or of stdin for `-`: UTF-8, or UTF-16 where a mark says so (a redirect in PowerShell).
 * @throws InputError when it is missing, no file, or over 64 MiB
 */
export async function readInput(name: string): Promise<string> {
  const bytes = await readBytes(name);
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function readBytes(name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (name !== '-' && (await stat(name)).isDirectory()) throw new InputError('is a directory');
    const stream = name === '-' ? process.stdin : createReadStream(name);
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > mostBytes) throw new InputError(`is larger than ${mostBytes / 1024 / 1024} MiB`);
      chunks.push(bytes);
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(reasonOf(error));
  }
  return Buffer.concat(chunks);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'may not be read'],
  ['EISDIR', 'is a directory'],
]);

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons.get(code) ?? `could not be read${code === '' ? '' : ` (${code})`}`;
}
