import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Header } from 'tar/header';

export interface ArchiveFile {
  readonly path: string;
  readonly text: string;
}

const blockBytes = 512;
const compress = promisify(gzip);

/** A gzipped tar of plain files, of nobody and of no time. Paths are at most 255 characters. */
export async function packArchive(files: readonly ArchiveFile[]): Promise<Buffer> {
  const blocks = files.flatMap(({ path, text }) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(blockBytes);
    const entry = new Header({
      path: path.slice(0, 255),
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: content.length,
      type: 'File',
      mtime: new Date(0),
    });
    // A path that fits in no plain header would need one before it; we name the files, so none does.
    if (entry.encode(header)) throw new Error(`${path} is too long for an archive`);
    return [header, content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)];
  });
  return compress(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]));
}
