import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { z } from 'zod';

/** A path inside the recording's folder: a recording from somebody else cannot name other files of this machine. */
const inside = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !normalize(path).startsWith('..') && !path.includes('\0'), {
    message: 'must be a path inside the recording',
  });

const commandSchema = z.strictObject({
  /** As run, program first; compared word by word, the program by its last path segment. */
  argv: z.array(z.string()).min(1),
  /** Files with what it printed. */
  stdout: inside.optional(),
  stderr: inside.optional(),
  exitCode: z.int().min(0).max(255).default(0),
  durationSeconds: z.number().min(0).max(3600).default(0),
});

const hostSchema = z.strictObject({
  format: z.literal(1),
  description: z.string().default(''),
  hostname: z.string().min(1).max(253),
  commands: z.array(commandSchema).default([]),
  /** Absolute path on the host to a file in the folder. */
  files: z.record(z.string().startsWith('/'), inside).default({}),
  /** Answers of the Docker Engine API to GET, by path without version prefix and query; empty: no Docker. */
  docker: z
    .array(
      z.strictObject({
        path: z.string().startsWith('/'),
        status: z.int().min(100).max(599).default(200),
        body: inside,
      }),
    )
    .default([]),
});

export interface RecordedCommand {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly durationSeconds: number;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly body: string;
}

/** A recorded host, read whole. */
export interface Recording {
  readonly folder: string;
  readonly description: string;
  readonly hostname: string;
  readonly commands: readonly RecordedCommand[];
  readonly files: ReadonlyMap<string, string>;
  readonly docker: ReadonlyMap<string, RecordedAnswer>;
}

/** A folder that is no recorded host; the message is one line with the file and what is wrong with it. */
export class RecordingError extends Error {}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RecordingError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hostOf(text: string, path: string): z.infer<typeof hostSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError(
      `${path}: is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const result = hostSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new RecordingError(`${path}: ${faults.join('; ')}`);
}

/** Reads host.json and every file that it names. Rejects with RecordingError. */
export async function loadRecording(folder: string): Promise<Recording> {
  const path = join(folder, 'host.json');
  const host = hostOf(await textOf(path), path);
  const read = (file: string | undefined): Promise<string> =>
    file === undefined ? Promise.resolve('') : textOf(join(folder, file));
  const commands = await Promise.all(
    host.commands.map(async ({ argv, stdout, stderr, exitCode, durationSeconds }) => ({
      argv,
      stdout: await read(stdout),
      stderr: await read(stderr),
      exitCode,
      durationSeconds,
    })),
  );
  const files = await Promise.all(
    Object.entries(host.files).map(async ([name, file]) => [name, await read(file)] as const),
  );
  const docker = await Promise.all(
    host.docker.map(async ({ path: at, status, body }) => [at, { status, body: await read(body) }] as const),
  );
  const { description, hostname } = host;
  return { folder, description, hostname, commands, files: new Map(files), docker: new Map(docker) };
}

const programName = (path: string): string => path.split('/').at(-1) ?? path;

/** The recorded run of a command line: every word the same, the program by its name wherever it lies. */
export function findCommand(recording: Recording, command: readonly string[]): RecordedCommand | null {
  const [program = '', ...words] = command;
  return (
    recording.commands.find(
      ({ argv: [recorded = '', ...rest] }) =>
        programName(recorded) === programName(program) &&
        rest.length === words.length &&
        rest.every((word, index) => word === words[index]),
    ) ?? null
  );
}

export const isNvidiaSmi = (command: readonly string[]): boolean =>
  programName(command[0] ?? '') === 'nvidia-smi';
