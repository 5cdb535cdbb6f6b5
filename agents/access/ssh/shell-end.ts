import type { ChildEnd } from '../local/children.ts';

/** Exit codes of a shell: 128 and the number of the signal that ended the program. */
const isSignal = (exitCode: number): boolean => exitCode > 128 && exitCode <= 128 + 64;

/** How a program ended, from what the shell around it says. */
export const shellEnd = (exitCode: number | null): ChildEnd =>
  exitCode === null || isSignal(exitCode)
    ? { kind: 'exited', exitCode: null, signal: 'SIGTERM' }
    : { kind: 'exited', exitCode, signal: null };
