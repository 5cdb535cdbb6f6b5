/** How a script ended on a host; `message` is whole. */
export type RootScriptEnd =
  | { readonly outcome: 'exited'; readonly exitCode: number }
  | {
      readonly outcome: 'no-root' | 'no-shell' | 'timeout' | 'too-much-output' | 'cut' | 'no-connection';
      readonly message: string;
    };

export interface RootScript {
  /** Goes over standard input, so that it may hold secrets. */
  readonly text: string;
  readonly deadlineSeconds: number;
  readonly maxOutputBytes: number;
  readonly onLine: (line: string) => void;
}

/** Runs a script as root on an SSH host of this hub, over a connection of its own. Never rejects for what the host does. */
export type RunRootScript = (sshHostId: string, script: RootScript) => Promise<RootScriptEnd>;
