import type { FileResult, FolderResult, HostAccess } from '../../host-access.ts';
import type { RecordedAnswer } from '../../replay/recording.ts';
import type { Step } from '../player/perform.ts';
import { createEngineSocket } from './engine-socket.ts';
import { type Programs, runPlayed } from './run.ts';
import { streamPlayed } from './stream.ts';

/** What a played host is made of; asked anew each time, so that it can change. */
export interface PlayedHost {
  readonly description: string;
  readonly hostname: string;
  /** The steps of a command line, or null: there is no such program. */
  program(command: readonly [string, ...string[]], use: 'run' | 'stream'): Iterator<Step, void, void> | null;
  /** The text of a file, or null: there is no such file. */
  file(path: string): string | null;
  /** Paths of all files that `file` knows; what lies in a folder is told from them. */
  paths(): Iterable<string>;
  docker(): ReadonlyMap<string, RecordedAnswer>;
}

function fileResult(path: string, text: string | null, maxBytes: number): FileResult {
  if (text === null) return { outcome: 'absent', message: `${path}: no such file` };
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { outcome: 'read', text, truncated: false };
  return { outcome: 'read', text: bytes.subarray(0, maxBytes).toString('utf8'), truncated: true };
}

/** Played hosts have no empty folders: one without a file below it is not there. */
function folderResult(path: string, paths: Iterable<string>, maxEntries: number): FolderResult {
  const start = path.endsWith('/') ? path : `${path}/`;
  const names = new Set<string>();
  for (const each of paths)
    if (each.startsWith(start)) names.add(each.slice(start.length).split('/', 1)[0] ?? '');
  if (names.size === 0) return { outcome: 'absent', message: `${path}: no such folder` };
  return {
    outcome: 'listed',
    names: [...names].slice(0, maxEntries),
    truncated: names.size > maxEntries,
  };
}

/** A HostAccess without a host: programs, files and sockets are played in this process, in real time. */
export function createPlayedAccess(host: PlayedHost): HostAccess {
  const running: Programs = new Set();
  const engine = createEngineSocket(() => host.docker());
  let closed = false;
  const programOf = (command: readonly [string, ...string[]], use: 'run' | 'stream') =>
    closed ? null : host.program(command, use);
  return {
    description: host.description,
    run: (command, options) => runPlayed(programOf(command, 'run'), options, running),
    stream: (command, options) => streamPlayed(programOf(command, 'stream'), options, running),
    readFile: async (path, { maxBytes }) => fileResult(path, host.file(path), maxBytes),
    listFolder: async (path, { maxEntries }) => folderResult(path, host.paths(), maxEntries),
    connect: (path) => engine.connect(path),
    stuckPids: () => [],
    hostname: async () => host.hostname,
    async close() {
      closed = true;
      for (const program of [...running]) program.end();
      engine.close();
    },
  };
}
