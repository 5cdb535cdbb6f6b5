import { fileFault } from '../lib/config/file-fault.ts';

let goesOn = false;

/**
 * Ends the process with code 3 where stdout takes no more: without a word where its reader went away, as `head` does,
 * else with a line that says why. What stderr does not take is lost: a full disk must not end an agent.
 */
export function endWithOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (goesOn) return;
    if (error.code !== 'EPIPE') process.stderr.write(`gpufleet: the output: ${fileFault(error)}\n`);
    process.exit(3);
  });
}

/** From now on this process serves, and what it says on stdout is a greeting that may be lost. */
export function goOnWithoutOutput(): void {
  goesOn = true;
}
