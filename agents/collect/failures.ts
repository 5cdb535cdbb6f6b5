import type { Failure, FailureCode } from '../../lib/model/index.ts';
import type { FileResult, RunResult, StreamEnd } from '../access/host-access.ts';
import type { FailedOutcome, Outcome } from './source.ts';

const maxQuotedCharacters = 200;

export const failureOf = (code: FailureCode, message: string): Failure => ({ code, message, gpu: null });

/** What a program printed, on one line, cut: for a message that shows it. */
export function quote(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}\ufffd]+/gu, ' ').trim();
  return line.length > maxQuotedCharacters ? `${line.slice(0, maxQuotedCharacters)}…` : line;
}

/** Why a run gave nothing to read; null when it exited by itself, whatever its exit code. */
export function runFailure(program: string, result: RunResult): FailedOutcome | null {
  const after = `${result.durationSeconds.toFixed(1)} s`;
  switch (result.outcome) {
    case 'exited':
      return null;
    case 'not-found':
      return { state: 'absent', failure: failureOf('command-not-found', `${program} is not there`) };
    case 'not-permitted':
      return failed('insufficient-permissions', `${program} cannot be run: ${quote(result.stderr)}`);
    case 'no-session':
      return failed('unknown-error', `${program} was not started: ${quote(result.stderr)}`);
    case 'timeout':
      return {
        state: 'hung',
        failure: failureOf('timeout', `${program} gave no answer and was ended after ${after}`),
      };
    case 'hung':
      return { state: 'hung', failure: failureOf('timeout', quote(result.stderr) || hungMessage(program)) };
    case 'too-much-output':
      return failed('truncated', `${program} printed more than is read, and was ended`);
    case 'paused':
      return { state: 'paused', failure: null };
    case 'signalled':
      return failed('unknown-error', `${program} was ended by a signal`);
    case 'cut':
      return failed('truncated', `${program}: the link was cut: ${quote(result.stderr)}`);
  }
}

/** Why a stream ended; `stderr` and `printed` are looked at by the caller first. */
export function streamFailure(program: string, end: StreamEnd): FailedOutcome {
  switch (end.reason) {
    case 'not-found':
      return { state: 'absent', failure: failureOf('command-not-found', `${program} is not there`) };
    case 'not-permitted':
      return failed('insufficient-permissions', `${program} cannot be run: ${quote(end.stderr)}`);
    case 'no-session':
      return failed('unknown-error', `${program} was not started: ${quote(end.stderr)}`);
    case 'start-timeout':
      return { state: 'hung', failure: failureOf('timeout', `${program} printed nothing and was ended`) };
    case 'sample-timeout':
      return { state: 'hung', failure: failureOf('timeout', `${program} stopped printing and was ended`) };
    case 'hung':
      return { state: 'hung', failure: failureOf('timeout', quote(end.stderr) || hungMessage(program)) };
    case 'line-too-long':
      return failed('unknown-error', `${program} printed a line without end`);
    case 'too-much-output':
      return failed('unknown-error', `${program} printed without end, and was ended`);
    case 'stopped':
      return failed('unknown-error', `${program} was stopped`);
    case 'cut':
      return failed('truncated', `${program}: the link was cut: ${quote(end.stderr)}`);
    case 'exited':
      return failed('unknown-error', `${program} ended with exit code ${end.exitCode ?? 'none'}`);
  }
}

/** A file's text, or why there is none. */
export function fileOutcome(result: FileResult): Outcome<string> {
  switch (result.outcome) {
    case 'read':
      return { state: 'ok', value: result.text };
    case 'absent':
      return { state: 'absent', failure: null };
    case 'not-permitted':
      return failed('insufficient-permissions', result.message);
    case 'failed':
      return failed('unknown-error', result.message);
  }
}

export function failed(code: FailureCode, message: string): FailedOutcome {
  return { state: 'failed', failure: failureOf(code, message) };
}

const hungMessage = (program: string): string =>
  `${program} does not end, not even by SIGKILL: its driver hangs`;
