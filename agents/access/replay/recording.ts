import { readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { z } from 'zod';
import { fileFault } from '../../../lib/config/file-fault.ts';
import type { FileResult } from '../host-access.ts';
import { readArchive } from './archive.ts';
import { RecordingError } from './recording-error.ts';

export { RecordingError };

/** A path inside the recording's folder: a recording from somebody else cannot name other files of this machine. */
const inside = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !normalize(path).startsWith('..') && !path.includes('\0'), {
    message: 'must be a path inside the recording',
  });

/** Ways in which a recorded command ended; one that was not found is not recorded. */
const commandOutcomes = [
  'exited',
  'signalled',
  'timeout',
  'too-much-output',
  'not-permitted',
  'hung',
] as const;

const commandSchema = z.strictObject({
  /** As run, program first; compared word by word, the program by its last path segment. */
  argv: z.array(z.string()).min(1),
  /** Files with what it printed. */
  stdout: inside.optional(),
  stderr: inside.optional(),
  exitCode: z.int().min(0).max(255).default(0),
  /** How it ended, where it did not exit by itself. */
  outcome: z.enum(commandOutcomes).default('exited'),
  durationSeconds: z.number().min(0).max(3600).default(0),
});

const hostSchema = z.strictObject({
  format: z.literal(1),
  description: z.string().default(''),
  hostname: z.string().min(1).max(253),
  commands: z.array(commandSchema).default([]),
  /** Absolute path on the host to a file in the folder. */
  files: z.record(z.string().startsWith('/'), inside).default({}),
  /** Files that were there and could not be read, by absolute path. */
  unreadable: z
    .record(
      z.string().startsWith('/'),
      z.strictObject({ outcome: z.enum(['not-permitted', 'failed']), message: z.string().max(1000) }),
    )
    .default({}),
  /** Names in folders, by absolute path, where more is known than the files tell. */
  folders: z.record(z.string().startsWith('/'), z.array(z.string().max(255)).max(65_536)).default({}),
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
  /** Why Docker's socket could not be opened, as an errno's name. */
  dockerFailure: z.enum(['EACCES', 'ECONNREFUSED', 'ETIMEDOUT']).optional(),
  /** What a capture could not hold, each with its reason. */
  missing: z.array(z.string().max(1000)).default([]),
});

export interface RecordedCommand {
  readonly outcome: (typeof commandOutcomes)[number];
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
  readonly unreadable: ReadonlyMap<string, Extract<FileResult, { message: string }>>;
  readonly folders: ReadonlyMap<string, readonly string[]>;
  readonly docker: ReadonlyMap<string, RecordedAnswer>;
  readonly dockerFailure: string | null;
  readonly missing: readonly string[];
}

/** A file of the recording by its path inside. Rejects with RecordingError. */
type TextSource = (file: string) => Promise<string>;

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RecordingError(`${path}: ${fileFault(error)}`);
  }
}

async function sourceOf(path: string): Promise<TextSource> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      throw new RecordingError(`${path}: ${fileFault(error)}`);
    },
  );
  if (!isFile) return (file) => textOf(join(path, file));
  const texts = await readArchive(path);
  return async (file) => {
    const text = texts.get(normalize(file));
    if (text === undefined) throw new RecordingError(`${path}: there is no ${file} in it`);
    return text;
  };
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

/** Reads host.json of a folder or of a capture (.tar.gz), and every file that it names. Rejects with RecordingError. */
export async function loadRecording(folder: string): Promise<Recording> {
  const source = await sourceOf(folder);
  const host = hostOf(await source('host.json'), join(folder, 'host.json'));
  const read = (file: string | undefined): Promise<string> =>
    file === undefined ? Promise.resolve('') : source(file);
  const commands = await Promise.all(
    host.commands.map(async ({ stdout, stderr, ...command }) => ({
      ...command,
      stdout: await read(stdout),
      stderr: await read(stderr),
    })),
  );
  const files = await Promise.all(
    Object.entries(host.files).map(async ([name, file]) => [name, await read(file)] as const),
  );
  const docker = await Promise.all(
    host.docker.map(async ({ path: at, status, body }) => [at, { status, body: await read(body) }] as const),
  );
  const { description, hostname, unreadable, folders, dockerFailure = null, missing } = host;
  return {
    folder,
    description,
    hostname,
    commands,
    files: new Map(files),
    unreadable: new Map(Object.entries(unreadable)),
    folders: new Map(Object.entries(folders)),
    docker: new Map(docker),
    dockerFailure,
    missing,
  };
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
