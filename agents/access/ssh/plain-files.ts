import type { FileResult, RunOptions, RunResult } from '../host-access.ts';
import type { FileReader } from '../local/read-file.ts';

type Run = (command: readonly [string, ...string[]], options: RunOptions) => Promise<RunResult>;

/** What a tool of the host says of a path, in the C locale, as HostAccess tells it. */
export function whyNotRead(path: string, said: string): Extract<FileResult, { message: string }> {
  const message = said.trim().slice(0, 500) || `${path}: not read`;
  if (/No such file|Not a directory|No such process/i.test(said)) return { outcome: 'absent', message };
  if (said === 'refused')
    return {
      outcome: 'not-permitted',
      message: `${path}: not in the list that the host's forced command holds us to`,
    };
  if (/Permission denied|not permitted/i.test(said)) return { outcome: 'not-permitted', message };
  return { outcome: 'failed', message };
}

const failed = ({ outcome, stderr }: RunResult, path: string): ReturnType<typeof whyNotRead> =>
  whyNotRead(path, stderr.trim() || `${path}: ${outcome}`);

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
      const command = ['ls', '-A', '-1', '--', `${path}/`] as const;
      const result = await run(command, { deadlineSeconds, maxOutputBytes: maxEntries * 256 });
      const isCut = result.outcome === 'too-much-output';
      if (!isCut && result.exitCode !== 0) return failed(result, path);
      const names = result.stdout.split('\n').filter((name) => name !== '');
      const truncated = isCut || names.length > maxEntries;
      return { outcome: 'listed', names: names.slice(0, maxEntries), truncated };
    },
  };
}
