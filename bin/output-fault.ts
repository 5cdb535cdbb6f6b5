import { fileFault } from '../lib/config/file-fault.ts';

let goesOn = false;
let hasFailed = false;
const failedCode = 3;
/** What a program that ends as at SIGTERM may take to end its children. */
const longestEndMilliseconds = 10_000;

/**
 * Ends the process with code 3 where stdout takes no more: without a word where its reader went away, as `head` does,
 * else with a line that says why. What stderr does not take is lost: a full disk must not end an agent.
 */
export function endWithOutput(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (goesOn || hasFailed) return;
    hasFailed = true;
    if (error.code !== 'EPIPE') process.stderr.write(`gpufleet: the output: ${fileFault(error)}\n`);
    // Whoever has children ends them at SIGTERM.
    if (process.listenerCount('SIGTERM') === 0) process.exit(failedCode);
    process.emit('SIGTERM');
    setTimeout(() => process.exit(failedCode), longestEndMilliseconds).unref();
  });
}

/** What to end with: the program's own code, unless its output failed. */
export const exitCodeOf = (code: number): number => (hasFailed ? failedCode : code);

/** From now on this process serves, and what it says on stdout is a greeting that may be lost. */
export function goOnWithoutOutput(): void {
  goesOn = true;
}
