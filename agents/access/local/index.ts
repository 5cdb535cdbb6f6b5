import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import type { HostAccess } from '../host-access.ts';
import { createChildren, type Grace, type SendSignal } from './children.ts';
import { connectSocket } from './connect.ts';
import { createLinkReader, linksIn } from './links.ts';
import { createFileReader } from './read-file.ts';
import { runCommand } from './run.ts';
import { streamCommand } from './stream.ts';

export interface LocalAccessOptions {
  /** Prefix for files and sockets, such as `/host` where the host's root is mounted into a container. */
  readonly root?: string;
  readonly grace?: Grace;
  /** How a signal is sent; tests replace it to play a child that ignores SIGKILL. */
  readonly sendSignal?: SendSignal;
}

/** This machine. Every program, read and connection has a deadline, and none outlives `close`. */
export function createLocalAccess(options: LocalAccessOptions = {}): HostAccess {
  const { root = '', grace = { termSeconds: 1, killSeconds: 1 } } = options;
  const children = createChildren(grace, options.sendSignal);
  const files = createFileReader(root);
  const readLinks = createLinkReader();
  const sockets = new Set<Duplex>();
  return {
    description: 'this host',
    run(command, runOptions) {
      const links = linksIn(command);
      return links === null ? runCommand(children, command, runOptions) : readLinks(links, runOptions);
    },
    stream: (command, streamOptions) => streamCommand(children, command, streamOptions),
    readFile: (path, fileOptions) => files.read(path, fileOptions),
    listFolder: (path, folderOptions) => files.list(path, folderOptions),
    async connect(socketPath, { deadlineSeconds }) {
      const socket = await connectSocket(`${root}${socketPath}`, deadlineSeconds);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    stuckPids: () => children.stuckPids(),
    hostname: async () => hostname(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await children.endAll();
    },
  };
}
