import { runCommand } from '../../local/run.ts';
import { streamCommand } from '../../local/stream.ts';
import type { Way } from '../way.ts';
import { createChannelFiles } from './files.ts';
import { createChannelPrograms } from './programs.ts';
import type { VerbServer } from './verb-server.ts';

/** Everything over one channel to the script of deploy/ssh. */
export function channelWay(server: VerbServer, place: string): Way {
  const programs = createChannelPrograms(server, place);
  const files = createChannelFiles(server);
  return {
    run: (command, options) => runCommand(programs.forRuns(options.maxOutputBytes), command, options),
    stream: (command, options) => streamCommand(programs.forStreams, command, options),
    readFile: files.read,
    listFolder: files.list,
    stuckPids: programs.stuckPids,
    async end() {
      await programs.endAll();
      server.close();
    },
  };
}
