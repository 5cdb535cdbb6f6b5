import { openSync } from 'node:fs';
import { ControlError } from './control.ts';
import { ControlledHost } from './control-file.ts';
import { drive } from './drive.ts';
import { perform } from './perform.ts';

/** Ends when the reader went away, as any program does. */
function writeOut(text: string): void {
  process.stdout.write(text);
}

function refuse(message: string): void {
  process.stderr.write(`nvidia-smi-player: ${message}\n`, () => process.exit(2));
}

const leave = (exitCode: number): void => {
  // An empty write calls back after everything before it has left.
  process.stdout.write('', () => process.exit(exitCode));
};

/**
 * nvidia-smi as a process: plays the control file named by `--player FILE` in front of its arguments, or by the environment.
 * Exit 2 with one line on stderr when the control file cannot be played.
 */
export function playExecutable(argv: readonly string[], fromEnvironment: string | undefined): void {
  const named = argv[0] === '--player';
  const file = named ? argv[1] : fromEnvironment;
  if (file === undefined || file === '') {
    refuse('name its control file with --player FILE or GPUFLEET_PLAYER');
    return;
  }
  process.stdout.on('error', () => process.exit(1));
  const host = new ControlledHost(file);
  try {
    for (const path of host.devices()) openSync(path, 'r');
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return;
  }
  drive(
    perform(named ? argv.slice(2) : argv, () => host.look(new Date())),
    {
      write: writeOut,
      exit: leave,
      brace: ({ ignoreSigterm }) => {
        if (ignoreSigterm) process.on('SIGTERM', () => undefined);
      },
      hang: () => {
        setInterval(() => undefined, 3_600_000);
      },
      fail: (error) => {
        if (!(error instanceof ControlError)) throw error;
        refuse(error.message);
      },
    },
  );
}
