import { createReadStream } from 'node:fs';
import { normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Parser, type ReadEntry } from 'tar';
import { RecordingError } from './recording-error.ts';

const mostEntries = 100_000;
const mostBytes = 256 * 1024 * 1024;

/**
 * The plain files of a capture (.tar.gz or .tar), by path. Nothing is written, so no path in it can reach this machine.
 * Rejects with RecordingError for what is no archive, or holds more than any capture does.
 */
export async function readArchive(path: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let bytes = 0;
  let failure: RecordingError | null = null;
  const source = createReadStream(path);
  const fail = (why: string): void => {
    failure ??= new RecordingError(`${path}: ${why}`);
    source.destroy(failure);
  };
  const onReadEntry = (entry: ReadEntry): void => {
    const chunks: Buffer[] = [];
    if (texts.size >= mostEntries) fail('holds more files than a recorded host has');
    entry.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) fail(`is larger than ${mostBytes / 1024 / 1024} MiB unpacked`);
      else if (entry.type === 'File') chunks.push(chunk);
    });
    entry.on('end', () => {
      if (entry.type === 'File') texts.set(normalize(entry.path), Buffer.concat(chunks).toString('utf8'));
    });
  };
  const parser = new Parser({ strict: true, onReadEntry });
  try {
    await pipeline(source, parser as unknown as NodeJS.WritableStream);
  } catch (error) {
    throw (
      failure ??
      new RecordingError(
        `${path}: is no recorded host: ${error instanceof Error ? error.message : String(error)}`,
      )
    );
  }
  return texts;
}
