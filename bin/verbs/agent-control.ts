import { userInfo } from 'node:os';
import { askAgent, ControlError } from '../../agents/report/control/client.ts';
import type { ControlRequest } from '../../agents/report/control/wire.ts';
import {
  type ControlConfig,
  controlSettingsHelp,
  loadControlConfig,
} from '../../lib/config/control-config.ts';
import { processEnvironment } from '../../lib/config/environment.ts';
import type { Pause } from '../../lib/model/index.ts';

type ControlVerb = 'pause' | 'resume';

const summaries: Readonly<Record<ControlVerb, string>> = {
  pause: `Usage: gpufleet agent pause [--for 30m] [--reason TEXT] [--state-dir DIR] [--json]

Has the agent of this host let go of the GPUs: when it ends, nothing of the agent holds one open, so that a GPU can be
reset, MIG changed, or the driver replaced. The agent goes on reporting, as paused, and takes up again by itself.
`,
  resume: `Usage: gpufleet agent resume [--state-dir DIR] [--json]

Has the agent of this host read the GPUs again, whoever paused it.
`,
};

export const isControlVerb = (word: string | undefined): word is ControlVerb =>
  word === 'pause' || word === 'resume';

/** `agent pause` and `agent resume`. Exit codes: 0 done, 1 a process does not let go, 2 bad usage, 3 no agent answers. */
export async function runControl(verb: ControlVerb, argv: readonly string[]): Promise<number> {
  const complain = (line: string): void => {
    process.stderr.write(`gpufleet agent ${verb}: ${line}\n`);
  };
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${summaries[verb]}\n${controlSettingsHelp(verb)}
Exit codes: 0 done, 1 a process does not let go of a GPU, 2 bad usage, 3 no agent answers.
`);
    return 0;
  }
  const read = loadControlConfig(verb, argv);
  if (!read.ok) {
    for (const fault of read.faults) complain(fault);
    return 2;
  }
  try {
    const answer = await askAgent(read.config.stateFolders, requestOf(verb, read.config));
    if (!answer.ok) {
      complain(answer.error);
      return 2;
    }
    if (read.config.json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
    else process.stdout.write(`${wordsOf(answer.pause)}\n`);
    if (answer.stuckPids.length === 0) return 0;
    complain(
      `process ${answer.stuckPids.join(', ')} still holds a GPU: it does not end, not even by SIGKILL`,
    );
    return 1;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    complain(error.message);
    return 3;
  }
}

const requestOf = (verb: ControlVerb, { forSeconds, reason }: ControlConfig): ControlRequest =>
  verb === 'pause' ? { do: 'pause', forSeconds, reason, by: whoAsks() } : { do: 'resume' };

function wordsOf(pause: Pause | null): string {
  if (pause === null) return 'the agent reads the GPUs';
  return `the agent let go of the GPUs${pause.until === null ? '' : ` until ${pause.until}`}`;
}

/** By name, and by the name that sudo was called under. */
function whoAsks(): string | null {
  const sudo = processEnvironment()['SUDO_USER'];
  try {
    const { username } = userInfo();
    return sudo === undefined || sudo === '' || sudo === username ? username : `${sudo} as ${username}`;
  } catch {
    // A user id without a name, as in a container.
    return process.getuid === undefined ? null : `user ${process.getuid()}`;
  }
}
