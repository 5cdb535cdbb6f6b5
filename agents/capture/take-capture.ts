import { createMasker, type Masker, type TextSource } from '../../lib/masking/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { type Asked, askAll } from './ask-all.ts';
import { type ArchiveFile, packArchive } from './pack.ts';
import { readNames } from './read-names.ts';
import { createRecordingAccess, type Recorded } from './recording-access.ts';

export interface CaptureOptions {
  readonly access: HostAccess;
  readonly nvidiaSmiPath: string | null;
  readonly dockerSocketPath: string | null;
  readonly deadlineSeconds?: number;
  /** Of the packed archive; unless told, 16 MiB. */
  readonly mostBytes?: number;
}

export interface Capture {
  /** A gzipped tar: host.json and the texts that it names, all masked. */
  readonly archive: Buffer;
  readonly commands: number;
  readonly files: number;
  readonly dockerAnswers: number;
  /** What could not be captured, each with its reason. */
  readonly missing: readonly string[];
}

const longestText = 4 * 1024 * 1024;
const mostTextBytes = 64 * 1024 * 1024;
const defaultMostBytes = 16 * 1024 * 1024;
const defaultSeconds = 60;

interface Text {
  readonly source: TextSource;
  readonly text: string;
}

function textsOf({ commands, files }: Recorded, { docker }: Asked): readonly Text[] {
  return [
    ...[...commands.values()].flatMap(({ argv, result }): Text[] =>
      [result.stdout, result.stderr].map((text) => ({ source: { kind: 'command', argv }, text })),
    ),
    ...[...files].flatMap(([path, file]): Text[] =>
      file.outcome === 'read' ? [{ source: { kind: 'file', path }, text: file.text }] : [],
    ),
    ...docker.map(({ path, body }): Text => ({ source: { kind: 'docker', path }, text: body })),
  ];
}

/** Adds texts as files of the archive while there is room; gives where each lies. */
class Shelf {
  readonly files: ArchiveFile[] = [];
  readonly missing: string[];
  #bytes = 0;

  constructor(missing: readonly string[]) {
    this.missing = [...missing];
  }

  put(path: string, text: string, what: string): string | undefined {
    if (text === '') return undefined;
    const isLong = text.length > longestText;
    const kept = isLong ? text.slice(0, longestText) : text;
    const bytes = Buffer.byteLength(kept);
    if (this.#bytes + bytes > mostTextBytes) {
      this.missing.push(`${what}: the capture is full`);
      return undefined;
    }
    if (isLong) this.missing.push(`${what}: cut at ${longestText / 1024 / 1024} MiB`);
    this.#bytes += bytes;
    this.files.push({ path, text: kept });
    return path;
  }
}

const plain = (text: string): string =>
  text
    .replace(/[^\w.-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'none';

function commandsOf({ commands }: Recorded, masker: Masker, shelf: Shelf) {
  return [...commands.values()].flatMap(({ argv, result }, at) => {
    const { outcome, exitCode, durationSeconds } = result;
    if (outcome === 'not-found') return [];
    const words = argv.map((word) => masker.word(word));
    const what = words.join(' ').slice(0, 200);
    const known = ['exited', 'signalled', 'timeout', 'too-much-output', 'not-permitted', 'hung'];
    if (!known.includes(outcome)) {
      shelf.missing.push(`${what}: ${outcome}`);
      return [];
    }
    const source: TextSource = { kind: 'command', argv };
    const name = `commands/${String(at + 1).padStart(3, '0')}-${plain(what.split('/').at(-1) ?? '')}`;
    const stdout = shelf.put(`${name}.txt`, masker.mask(source, result.stdout), what);
    const stderr = shelf.put(`${name}.stderr.txt`, masker.mask(source, result.stderr), what);
    return [
      {
        argv: words,
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
        exitCode: Math.min(255, Math.max(0, exitCode ?? 0)),
        ...(outcome === 'exited' ? {} : { outcome }),
        durationSeconds: Math.min(3600, Math.round(durationSeconds * 1000) / 1000),
      },
    ];
  });
}

function filesOf({ files }: Recorded, masker: Masker, shelf: Shelf) {
  const kept: Record<string, string> = {};
  const unreadable: Record<string, { outcome: string; message: string }> = {};
  for (const [path, file] of files) {
    const shown = masker.word(path);
    if (file.outcome === 'read') {
      const name = /^[\w./+-]+$/.test(shown)
        ? `files${shown}`
        : `files/${plain(shown)}-${Object.keys(kept).length}`;
      const text = masker.mask({ kind: 'file', path }, file.text);
      const at = shelf.put(name, text === '' ? '\n' : text, shown);
      if (at !== undefined) kept[shown] = at;
      if (file.truncated) shelf.missing.push(`${shown}: longer than was read`);
    } else if (file.outcome !== 'absent')
      unreadable[shown] = { outcome: file.outcome, message: masker.word(file.message).slice(0, 500) };
  }
  return { files: kept, unreadable };
}

function foldersOf({ folders }: Recorded, masker: Masker) {
  const kept: Record<string, readonly string[]> = {};
  for (const [path, folder] of folders)
    if (folder.outcome === 'listed')
      kept[masker.word(path)] = folder.names
        .filter((name) => name.length <= 255)
        .map((name) => masker.word(name));
  // Everything that a machine has below /dev tells much and helps little.
  const devices = kept['/dev'];
  if (devices !== undefined) kept['/dev'] = devices.filter((name) => /^nvidia|^kmsg$|^dxg$|^dri$/.test(name));
  return kept;
}

/**
 * Records a host: every command that the collector, the doctor and a few more ask, masked. Gives what there is, and
 * says what there is not. Rejects only when the archive would be larger than allowed.
 */
export async function takeCapture(options: CaptureOptions): Promise<Capture> {
  const { access, nvidiaSmiPath, dockerSocketPath, deadlineSeconds = defaultSeconds } = options;
  const recording = createRecordingAccess(access);
  const hostname = await access.hostname();
  const asked = await askAll({ access: recording, nvidiaSmiPath, dockerSocketPath, deadlineSeconds });
  recording.end();
  const { recorded } = recording;
  const { missing: unnamed, ...names } = await readNames(access, recorded);
  const masker = createMasker({ hostname, ...names });
  for (const { source, text } of textsOf(recorded, asked)) masker.learn(source, text);

  const shelf = new Shelf([...asked.missing, ...unnamed]);
  const commands = commandsOf(recorded, masker, shelf);
  const { files, unreadable } = filesOf(recorded, masker, shelf);
  const docker = asked.docker.map(({ path, status, body }, at) => {
    const text = status === 200 ? masker.mask({ kind: 'docker', path }, body) : '{}';
    const name = `docker/${String(at + 1).padStart(3, '0')}-${plain(path)}.json`;
    return { path, status, body: shelf.put(name, text, `Docker's ${path}`) ?? 'docker/none.json' };
  });
  if (docker.some(({ body }) => body === 'docker/none.json'))
    shelf.files.push({ path: 'docker/none.json', text: '{}' });
  const host = {
    format: 1,
    description: 'captured by gpufleet, masked',
    hostname: masker.hostname,
    commands,
    files,
    unreadable,
    folders: foldersOf(recorded, masker),
    docker,
    ...(asked.dockerFailure === null ? {} : { dockerFailure: asked.dockerFailure }),
    missing: shelf.missing.map((line) => masker.word(line).slice(0, 500)),
  };
  const archive = await packArchive([
    { path: 'host.json', text: `${JSON.stringify(host, null, 2)}\n` },
    ...shelf.files,
  ]);
  const mostBytes = options.mostBytes ?? defaultMostBytes;
  if (archive.length > mostBytes)
    throw new Error(`the capture has ${archive.length} bytes, more than the ${mostBytes} that are allowed`);
  return {
    archive,
    commands: commands.length,
    files: Object.keys(files).length,
    dockerAnswers: docker.length,
    missing: host.missing,
  };
}
