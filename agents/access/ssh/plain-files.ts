import type { FileResult, RunOptions, RunResult } from '../host-access.ts';
import type { FileReader } from '../local/read-file.ts';

type Run = (command: readonly [string, ...string[]], options: RunOptions) => Promise<RunResult>;

function failed({ outcome, stderr }: RunResult, path: string): Extract<FileResult, { message: string }> {
  const message = stderr.trim().slice(0, 500) || `${path}: ${outcome}`;
  if (/No such file|Not a directory/i.test(stderr)) return { outcome: 'absent', message };
  if (/Permission denied|not permitted/i.test(stderr)) return { outcome: 'not-permitted', message };
  return { outcome: 'failed', message };
}

/** Files by `cat` and folders by `ls`, for servers without SFTP: a program each, so dearer. Never rejects. */
export function createPlainFiles(run: Run): FileReader {
  return {
    async read(path, { maxBytes, deadlineSeconds }) {
      const result = await run(['cat', '--', path], { deadlineSeconds, maxOutputBytes: maxBytes });
      const truncated = result.outcome === 'too-much-output';
      if (truncated || result.exitCode === 0) return { outcome: 'read', text: result.stdout, truncated };
      return failed(result, path);
    },
    async list(path, { maxEntries, deadlineSeconds }) {
      // The slash: a name that is a file is no folder with one entry.
      const command = ['ls', '-A', '-1', '-q', '--', `${path}/`] as const;
      const result = await run(command, { deadlineSeconds, maxOutputBytes: maxEntries * 256 });
      const isCut = result.outcome === 'too-much-output';
      if (!isCut && result.exitCode !== 0) return failed(result, path);
      const names = result.stdout.split('\n').filter((name) => name !== '');
      const truncated = isCut || names.length > maxEntries;
      return { outcome: 'listed', names: names.slice(0, maxEntries), truncated };
    },
  };
}
