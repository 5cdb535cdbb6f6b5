import type { FileResult, FolderResult, HostAccess, RunResult } from '../access/host-access.ts';

export interface RecordedRun {
  readonly argv: readonly string[];
  readonly result: RunResult;
}

/** Everything that was asked of a host while it was recorded; of what was asked twice, the last answer. */
export interface Recorded {
  readonly commands: ReadonlyMap<string, RecordedRun>;
  readonly files: ReadonlyMap<string, FileResult>;
  readonly folders: ReadonlyMap<string, FolderResult>;
}

export interface RecordingAccess extends HostAccess {
  readonly recorded: Recorded;
  /** From now on nothing is asked of the host any more. */
  end(): void;
}

const ended = (): RunResult => ({
  outcome: 'hung',
  exitCode: null,
  stdout: '',
  stderr: 'the recording has ended',
  durationSeconds: 0,
});

/** The same host, with every answer kept. Streams go on as they are: a recording tells them from the document. */
export function createRecordingAccess(access: HostAccess): RecordingAccess {
  const commands = new Map<string, RecordedRun>();
  const files = new Map<string, FileResult>();
  const folders = new Map<string, FolderResult>();
  let isEnded = false;
  return {
    description: access.description,
    stream: (command, options) => access.stream(command, options),
    connect: (path, options) => access.connect(path, options),
    stuckPids: () => access.stuckPids(),
    hostname: () => access.hostname(),
    // The host is somebody else's to close.
    close: async () => {},
    async run(command, options) {
      if (isEnded) return ended();
      const result = await access.run(command, options);
      if (!isEnded) commands.set(JSON.stringify(command), { argv: [...command], result });
      return result;
    },
    async readFile(path, options) {
      if (isEnded) return { outcome: 'failed', message: 'the recording has ended' };
      const result = await access.readFile(path, options);
      if (!isEnded) files.set(path, result);
      return result;
    },
    async listFolder(path, options) {
      if (isEnded) return { outcome: 'failed', message: 'the recording has ended' };
      const result = await access.listFolder(path, options);
      if (!isEnded) folders.set(path, result);
      return result;
    },
    recorded: { commands, files, folders },
    end() {
      isEnded = true;
    },
  };
}
