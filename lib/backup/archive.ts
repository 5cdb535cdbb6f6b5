import type { Readable } from 'node:stream';
import { create, Parser, type ReadEntry } from 'tar';
import { StoreError } from '../state/state-store.ts';

export interface ArchiveEntry {
  readonly path: string;
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A tar of files below a folder, in that order; the first level of gzip, since readings are packed already. */
export function packFolder(
  folder: string,
  names: readonly string[],
  { gzip, takenAt }: { gzip: boolean; takenAt: Date },
): AsyncIterable<Uint8Array> {
  const options = { cwd: folder, portable: true, mtime: takenAt, strict: true };
  return create(gzip ? { ...options, gzip: { level: 1 } } : options, [...names]);
}

/**
 * Visits the entries of a tar (gzip or not) one after another, never two at a time. Rejects with StoreError for what is
 * no tar, is cut short, or holds anything but plain files.
 */
export function eachEntry(
  source: Readable,
  archive: string,
  visit: (entry: ArchiveEntry) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let visits: Promise<void> = Promise.resolve();
    let current: ReadEntry | null = null;
    let failure: { readonly error: unknown } | null = null;
    /** Rejects once the visitor, which then fails too, has let go of its files. */
    const fail = (error: unknown): void => {
      failure ??= { error };
      source.destroy();
      current?.destroy(new Error('the archive ended'));
      void visits.then(() => reject(failure?.error));
    };
    const damaged = (why: string): StoreError =>
      new StoreError(
        'corrupt',
        `${archive} is not a whole backup of a gpufleet hub (${why}); nothing was restored`,
      );
    const visitPlain = async (entry: ReadEntry): Promise<void> => {
      if (failure !== null) return;
      current = entry;
      if (entry.type !== 'File')
        throw damaged(`${JSON.stringify(entry.path)} in it is a ${entry.type}, not a plain file`);
      await visit({ path: entry.path, bytes: entry.size, chunks: entry });
    };
    const onReadEntry = (entry: ReadEntry): void => {
      entry.on('error', () => undefined);
      visits = visits.then(() => visitPlain(entry)).catch(fail);
    };
    const parser = new Parser({ strict: true, onReadEntry });
    parser.on('ignoredEntry', (entry: ReadEntry) =>
      fail(damaged(`${JSON.stringify(entry.path)} in it is a ${entry.type}`)),
    );
    parser.on('error', (error: Error) => fail(damaged(error.message)));
    parser.on('end', () => void visits.then(resolve));
    source.on('error', fail);
    source.pipe(parser as unknown as NodeJS.WritableStream);
  });
}
