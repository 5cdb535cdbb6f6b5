import type { Client, FileEntryWithStats, SFTPWrapper } from 'ssh2';
import type { FileResult, FolderResult, RunOptions, RunResult } from '../host-access.ts';
import { linksIn } from '../local/links.ts';
import type { FileReader } from '../local/read-file.ts';
import { answered } from './answered.ts';
import type { Sessions } from './sessions.ts';

const chunkBytes = 32 * 1024;

type NotRead = Extract<FileResult, { readonly message: string }>;
type Held = Awaited<ReturnType<Sessions['hold']>> & { readonly value: SFTPWrapper };

/** Statuses of SFTP version 3 (draft-ietf-secsh-filexfer-02, 7). */
const noSuchFile = 2;
const permissionDenied = 3;

function failed(path: string, error: Error & { code?: number | string }): NotRead {
  const message = `${path}: ${error.message}`;
  if (error.code === noSuchFile) return { outcome: 'absent', message };
  if (error.code === permissionDenied) return { outcome: 'not-permitted', message };
  return { outcome: 'failed', message };
}

const ask = <T>(call: (done: (error: Error | null | undefined, value: T) => void) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });

/** In a loop until its end, since files of /proc have size 0. */
async function readAll(sftp: SFTPWrapper, path: string, maxBytes: number): Promise<FileResult> {
  const handle = await ask<Buffer>((done) => sftp.open(path, 'r', done));
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    while (bytes <= maxBytes) {
      const chunk = await readChunk(sftp, handle, bytes);
      if (chunk === null) break;
      chunks.push(chunk);
      bytes += chunk.length;
    }
    const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
    return { outcome: 'read', text, truncated: bytes > maxBytes };
  } finally {
    sftp.close(handle, () => {});
  }
}

/** Null at the end. */
function readChunk(sftp: SFTPWrapper, handle: Buffer, at: number): Promise<Buffer | null> {
  const room = Buffer.allocUnsafe(chunkBytes);
  return new Promise((resolve, reject) => {
    sftp.read(handle, room, 0, chunkBytes, at, (error, count) => {
      const isEnd = (error as { code?: number } | undefined)?.code === 1;
      if (error && !isEnd) reject(error);
      else resolve(isEnd || count === 0 ? null : room.subarray(0, count));
    });
  });
}

async function listAll(sftp: SFTPWrapper, path: string, maxEntries: number): Promise<FolderResult> {
  const handle = await ask<Buffer>((done) => sftp.opendir(path, done));
  try {
    const names: string[] = [];
    for (;;) {
      const entries = await readEntries(sftp, handle);
      if (entries === null) return { outcome: 'listed', names, truncated: false };
      for (const { filename } of entries) {
        if (filename === '.' || filename === '..') continue;
        if (names.length === maxEntries) return { outcome: 'listed', names, truncated: true };
        names.push(filename);
      }
    }
  } finally {
    sftp.close(handle, () => {});
  }
}

function readEntries(sftp: SFTPWrapper, handle: Buffer): Promise<readonly FileEntryWithStats[] | null> {
  return new Promise((resolve, reject) => {
    sftp.readdir(handle, (error, list) => {
      if ((error as { code?: number } | undefined)?.code === 1) resolve(null);
      else if (error) reject(error);
      else resolve(list);
    });
  });
}

/** Null where the server says no to it: nothing is there, or it may not be seen. */
const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: Error & { code?: number | string }) => {
    if (typeof error.code === 'number') return null;
    throw error;
  });

/** What a program would print, for each of its paths; null where it would find none. */
type Look = (sftp: SFTPWrapper) => Promise<readonly (string | null)[]>;

function lookFor(command: readonly string[]): Look | null {
  const links = linksIn(command);
  if (links !== null)
    return (sftp) =>
      Promise.all(links.map((path) => orNull(ask<string>((done) => sftp.realpath(path, done)))));
  const [program, option, path = '', ...more] = command;
  if (program !== 'test' || option !== '-e' || !path.startsWith('/') || more.length > 0) return null;
  return async (sftp) => {
    const found = await orNull(ask<unknown>((done) => sftp.stat(path, done)));
    return [found === null ? null : ''];
  };
}

export interface SftpFiles extends FileReader {
  /** What `readlink -f` and `test -e` would say, without a session and a program for it; null for all else, and without SFTP. */
  answer(command: readonly string[], options: RunOptions): Promise<RunResult | null>;
  close(): void;
}

/** Files and folders over one SFTP session, opened when first needed; over `plain` where there is no SFTP. Never rejects. */
export function createSftpFiles(client: Client, sessions: Sessions, plain: FileReader): SftpFiles {
  let hasSftp = true;
  let opening: Promise<Held> | null = null;
  let isClosed = false;
  const open = (): Promise<Held> => {
    const openSftp = () =>
      answered<SFTPWrapper>(
        (done) => client.sftp(done),
        (late) => late.end(),
      );
    const wait = sessions.hold(openSftp) as Promise<Held>;
    void wait.then(
      ({ value, release }) => {
        value.once('close', () => {
          release();
          if (opening === wait) opening = null;
        });
        value.on('error', () => {});
        if (isClosed) value.end();
      },
      (error: Error) => {
        if (opening === wait) opening = null;
        if (/subsystem/i.test(error.message)) hasSftp = false;
      },
    );
    return wait;
  };
  /** sftp-server does one thing at a time: one read that hangs would hold up all, so its session is given up. */
  const giveUp = (late: Promise<Held>): void => {
    if (opening === late) opening = null;
    void late.then(({ value }) => value.end()).catch(() => undefined);
  };
  const within = async <T>(
    path: string,
    deadlineSeconds: number,
    read: (sftp: SFTPWrapper) => Promise<T>,
  ): Promise<T | NotRead> => {
    opening ??= open();
    const session = opening;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<NotRead>((resolve) => {
      timer = setTimeout(() => {
        giveUp(session);
        resolve({ outcome: 'failed', message: `${path}: not read within ${deadlineSeconds} s` });
      }, deadlineSeconds * 1000);
    });
    const reading = session.then(({ value }) => read(value)).catch((error: Error) => failed(path, error));
    const result = await Promise.race([reading, deadline]);
    clearTimeout(timer);
    return result;
  };
  return {
    async read(path, options) {
      const { maxBytes, deadlineSeconds } = options;
      if (!hasSftp) return plain.read(path, options);
      const result = await within(path, deadlineSeconds, (sftp) => readAll(sftp, path, maxBytes));
      return hasSftp ? result : plain.read(path, options);
    },
    async list(path, options) {
      const { maxEntries, deadlineSeconds } = options;
      if (!hasSftp) return plain.list(path, options);
      const result = await within(path, deadlineSeconds, (sftp) => listAll(sftp, path, maxEntries));
      return hasSftp ? result : plain.list(path, options);
    },
    async answer(command, { deadlineSeconds }) {
      const look = hasSftp ? lookFor(command) : null;
      if (look === null) return null;
      const startedAt = performance.now();
      const told = await within(command.join(' '), deadlineSeconds, look);
      if (!hasSftp || 'outcome' in told) return null;
      const found = told.filter((text) => text !== null);
      return {
        outcome: 'exited',
        exitCode: Number(found.length < told.length),
        stdout: found.map((text) => (text === '' ? '' : `${text}\n`)).join(''),
        stderr: '',
        durationSeconds: (performance.now() - startedAt) / 1000,
      };
    },
    close() {
      isClosed = true;
      void opening?.then(({ value }) => value.end()).catch(() => undefined);
    },
  };
}
