import type { FileResult } from '../../host-access.ts';
import type { FileReader } from '../../local/read-file.ts';
import { whyNotRead } from '../plain-files.ts';
import type { VerbServer } from './verb-server.ts';

type NotRead = Extract<FileResult, { readonly message: string }>;

/** Of one name in a folder and its line end (NAME_MAX). */
const longestNameBytes = 256;

/** Files and folders over the one channel. Never rejects. */
export function createChannelFiles(server: VerbServer): FileReader {
  /** One that hangs holds a process of the host: at most one a path. */
  const hanging = new Set<string>();
  const look = async (
    verb: 'read' | 'list',
    path: string,
    { most, deadlineSeconds }: { readonly most: number; readonly deadlineSeconds: number },
  ): Promise<Buffer | NotRead> => {
    if (hanging.has(path)) return { outcome: 'failed', message: `${path}: an earlier read still hangs` };
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      // The script over there sends no more than was asked for; whatever else answers may.
      let roomBytes = verb === 'read' ? most : most * longestNameBytes;
      // Set only while the answer is awaited: over a closed channel it comes at once.
      let timer: NodeJS.Timeout | undefined;
      let isOver = false;
      let refusal: string | null = null;
      const asked = server.ask(
        { verb, most, words: [path] },
        {
          onOutput(chunk) {
            if (isOver || roomBytes === 0) return;
            const taken = chunk.subarray(0, roomBytes);
            roomBytes -= taken.length;
            chunks.push(taken);
          },
          onErrors: () => {},
          onRefusal: (why) => {
            refusal = why;
          },
          onStuck: () => {},
          onEnd(exitCode) {
            isOver = true;
            clearTimeout(timer);
            hanging.delete(path);
            if (exitCode === null) resolve({ outcome: 'failed', message: `${path}: the connection was cut` });
            else resolve(refusal === null ? Buffer.concat(chunks) : whyNotRead(path, refusal));
          },
        },
      );
      if (asked === null)
        resolve({ outcome: 'absent', message: `${JSON.stringify(path)}: is no path that can be asked for` });
      if (asked === null || isOver) return;
      timer = setTimeout(() => {
        hanging.add(path);
        isOver = true;
        chunks.length = 0;
        asked.end();
        resolve({ outcome: 'failed', message: `${path}: not read within ${deadlineSeconds} s` });
      }, deadlineSeconds * 1000);
    });
  };
  return {
    async read(path, { maxBytes, deadlineSeconds }) {
      const found = await look('read', path, { most: maxBytes + 1, deadlineSeconds });
      if (!Buffer.isBuffer(found)) return found;
      const text = found.subarray(0, maxBytes).toString('utf8');
      return { outcome: 'read', text, truncated: found.length > maxBytes };
    },
    async list(path, { maxEntries, deadlineSeconds }) {
      const found = await look('list', path, { most: maxEntries + 1, deadlineSeconds });
      if (!Buffer.isBuffer(found)) return found;
      const names = found
        .toString('utf8')
        .split('\n')
        .filter((name) => name !== '');
      return {
        outcome: 'listed',
        names: names.slice(0, maxEntries),
        truncated: names.length > maxEntries,
      };
    },
  };
}
