import { runCommand } from '../../local/run.ts';
import { streamCommand } from '../../local/stream.ts';
import { SshError } from '../ssh-error.ts';
import type { Way } from '../way.ts';
import { createChannelFiles } from './files.ts';
import { createChannelPrograms } from './programs.ts';
import type { VerbServer } from './verb-server.ts';

const probeLimits = { deadlineSeconds: 10, maxOutputBytes: 4096 };

/** The way over a script that answered, and what its host calls itself. Rejects with SshError where that is not told. */
export async function openChannelWay(
  server: VerbServer,
  place: string,
): Promise<{ readonly way: Way; readonly hostname: string }> {
  const way = channelWay(server, place);
  const name = await way.run(['uname', '-n'], probeLimits);
  if (name.exitCode !== 0)
    throw new SshError('no-shell', `${place}: no answer to uname -n (${name.stderr.trim() || name.outcome})`);
  return { way, hostname: name.stdout.trim() };
}

/** Everything over one channel to the script of deploy/ssh. */
function channelWay(server: VerbServer, place: string): Way {
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
