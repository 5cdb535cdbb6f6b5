import { open } from 'node:fs/promises';
import { normalize } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { RecordingError } from './recording-error.ts';

const mostEntries = 100_000;
const mostBytes = 256 * 1024 * 1024;

/** The file's bytes, unpacked where it begins as gzip does. */
async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    const source = file.createReadStream({ start: 0, autoClose: false });
    if (buffer.readUInt16BE() !== 0x1f8b) return yield* source as AsyncIterable<Buffer>;
    const gunzip: Readable = source.on('error', (error) => gunzip.destroy(error)).pipe(createGunzip());
    yield* gunzip as AsyncIterable<Buffer>;
  } finally {
    await file.close();
  }
}

/** Without the library's own code before the sentence. */
const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^(?:TAR_[A-Z_]+|Z_[A-Z_]+): /, '');

/**
 * The plain files of a capture (.tar.gz or .tar), by path. Nothing is written, so no path in it can reach this machine.
 * Rejects with RecordingError for what is no archive, or holds more than any capture does.
 */
export async function readArchive(path: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let [bytes, entries, isOver] = [0, 0, false];
  const fault: { error: unknown } = { error: null };
  const fail = (error: unknown): void => {
    fault.error ??= error;
  };
  const onReadEntry = (entry: ReadEntry): void => {
    const chunks: Buffer[] = [];
    entries += 1;
    if (entries > mostEntries) fail(new RecordingError(`${path}: holds more files than a recorded host has`));
    entry.on('data', (chunk: Buffer) => {
      if (entry.type === 'File') chunks.push(chunk);
    });
    entry.on('end', () => {
      if (entry.type === 'File') texts.set(normalize(entry.path), Buffer.concat(chunks).toString('utf8'));
    });
  };
  const parser = new Parser({ strict: true, onReadEntry });
  parser.on('error', fail);
  // What follows the end is not read: the parser would keep it all.
  parser.on('eof', () => {
    isOver = true;
  });
  try {
    for await (const piece of unpacked(path)) {
      bytes += piece.length;
      if (bytes > mostBytes)
        fail(new RecordingError(`${path}: is larger than ${mostBytes / 1024 / 1024} MiB unpacked`));
      if (fault.error !== null) break;
      parser.write(piece);
      if (isOver) break;
    }
    if (fault.error === null) parser.end();
    if (fault.error !== null) throw fault.error;
  } catch (error) {
    throw error instanceof RecordingError
      ? error
      : new RecordingError(`${path}: is no recorded host: ${wordsOf(error)}`);
  }
  return texts;
}
