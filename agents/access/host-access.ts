import type { Duplex } from 'node:stream';

export interface RunOptions {
  /** From start to exit; past it the child is ended (SIGTERM, then SIGKILL 1 s later) and the outcome is `timeout`. */
  readonly deadlineSeconds: number;
  /** Of stdout and stderr each; past it the child is ended and the outcome is `too-much-output`. */
  readonly maxOutputBytes: number;
  /** Aborted, the program is ended as at its deadline, and the outcome is `signalled`. */
  readonly signal?: AbortSignal;
}

/** Never throws for what a program did: how it ended is a value. */
export interface RunResult {
  readonly outcome:
    | 'exited'
    | 'signalled'
    | 'timeout'
    | 'too-much-output'
    | 'not-found'
    | 'not-permitted'
    /** Over SSH: the server allows no more sessions at once; nothing was started. */
    | 'no-session'
    | 'hung'
    /** The way to the host was cut before it ended; what it printed until then is in `stdout`. */
    | 'cut'
    /** Ended, or not started, since the agent let go of the GPUs. */
    | 'paused';
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationSeconds: number;
}

export interface StreamOptions {
  /** From start to the first line. */
  readonly startDeadlineSeconds: number;
  /** Longest silence between two lines after that. */
  readonly sampleDeadlineSeconds: number;
  readonly maxLineBytes: number;
  /** More in one second ends it (`too-much-output`); 512 KiB unless told. */
  readonly maxBytesPerSecond?: number;
  /** The reader calls `fetch` every few seconds: until then, lines may wait where they wake nobody. */
  readonly canWait?: boolean;
}

export interface FetchedLines {
  readonly lines: readonly string[];
  /** Since the last of them came; null where that is not known. */
  readonly ageSeconds: number | null;
}

export type StreamEnd =
  | { readonly reason: 'exited'; readonly exitCode: number | null; readonly stderr: string }
  | {
      readonly reason:
        | 'start-timeout'
        | 'sample-timeout'
        | 'line-too-long'
        | 'too-much-output'
        | 'not-found'
        | 'not-permitted'
        | 'no-session'
        | 'stopped'
        | 'hung'
        /** The way to the host was cut. */
        | 'cut';
      readonly stderr: string;
    };

export interface LineStream {
  /** Lines of stdout without their end; ends when the program did. Unread lines are bounded: the oldest are dropped. */
  readonly lines: AsyncIterable<string>;
  /** Of a stream that `canWait`: what waits, which does not come through `lines`. Absent where nothing can wait. */
  fetch?(): FetchedLines;
  /** Settles once, when the program is gone or given up (`hung`: it ignores SIGKILL). Never rejects. */
  readonly ended: Promise<StreamEnd>;
  /** Ends the program and waits; at most 2 s. */
  stop(): Promise<void>;
}

export type FileResult =
  | { readonly outcome: 'read'; readonly text: string; readonly truncated: boolean }
  | { readonly outcome: 'absent' | 'not-permitted' | 'failed'; readonly message: string };

/** Names in a folder, in no order; `truncated`: there are more than were asked for. */
export type FolderResult =
  | { readonly outcome: 'listed'; readonly names: readonly string[]; readonly truncated: boolean }
  | { readonly outcome: 'absent' | 'not-permitted' | 'failed'; readonly message: string };

/**
 * The one way to a host. `local` (child_process, fs), `replay` (a recorded host), `simulated` (a played one) and,
 * later, `ssh` implement it; the collector is written once against it.
 */
export interface HostAccess {
  /** For messages: `this host`, `replay of DIR`. */
  readonly description: string;
  run(command: readonly [string, ...string[]], options: RunOptions): Promise<RunResult>;
  stream(command: readonly [string, ...string[]], options: StreamOptions): LineStream;
  readFile(
    path: string,
    options: { readonly maxBytes: number; readonly deadlineSeconds: number },
  ): Promise<FileResult>;
  listFolder(
    path: string,
    options: { readonly maxEntries: number; readonly deadlineSeconds: number },
  ): Promise<FolderResult>;
  /** A Unix socket as a byte stream; rejects with an Error whose `code` is ENOENT, EACCES, ECONNREFUSED or ETIMEDOUT. */
  connect(socketPath: string, options: { readonly deadlineSeconds: number }): Promise<Duplex>;
  /** Processes that we started and that not even SIGKILL ended; nothing runs beside them. */
  stuckPids(): readonly number[];
  hostname(): Promise<string>;
  /** Ends every program and connection still open. */
  close(): Promise<void>;
}
