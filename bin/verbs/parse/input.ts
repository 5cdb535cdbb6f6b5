import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fileFault } from '../../../lib/config/file-fault.ts';

/** A real answer has some 30,000 bytes a GPU; what is longer is a log, of which the beginning is read. */
export const mostBytes = 8 * 1024 * 1024;
export const mostLines = 200_000;

/** Input that cannot be read, in words for the user. */
export class InputError extends Error {}

export interface Input {
  readonly text: string;
  /** It is larger than is read: the text is its beginning. */
  readonly isCut: boolean;
}

/**
 * The text of a file, or of stdin for `-`, at most its first 8 MiB: UTF-8, or UTF-16 (a redirect in PowerShell) by its
 * mark or, where that was lost, by its zeros.
 * @throws InputError when it is missing, no file, or cannot be read
 */
export async function readInput(name: string): Promise<Input> {
  const bytes = await readBytes(name);
  const isCut = bytes.length > mostBytes;
  const text = decode(isCut ? bytes.subarray(0, mostBytes) : bytes);
  const end = endOfLines(text);
  return end < text.length ? { text: text.slice(0, end), isCut: true } : { text, isCut };
}

/** Where the last line ends that is read. */
function endOfLines(text: string): number {
  if (text.length <= mostLines) return text.length;
  // A carriage return alone ends a line too.
  const ends = /\r\n|[\r\n]/g;
  for (let count = 0; count < mostLines; count += 1) if (ends.exec(text) === null) return text.length;
  return ends.lastIndex;
}

/** One byte more than is read, so that a longer input is known as such. */
async function readBytes(name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (name !== '-' && (await stat(name)).isDirectory()) throw new InputError('is a directory');
    const stream = name === '-' ? process.stdin : createReadStream(name, { end: mostBytes });
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      chunks.push(bytes);
      size += bytes.length;
      if (size > mostBytes) break;
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(fileFault(error));
  }
  return Buffer.concat(chunks);
}

/** The text of some bytes; what is no character in their encoding becomes U+FFFD. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  let even = 0;
  let odd = 0;
  const looked = Math.min(bytes.length, 1024);
  for (let at = 0; at < looked; at += 1) {
    if (bytes[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  // Latin letters in UTF-16 are every other byte a zero; UTF-8 has none.
  if (odd * 4 > looked && even * 16 < odd) return 'utf-16le';
  if (even * 4 > looked && odd * 16 < even) return 'utf-16be';
  return 'utf-8';
}
