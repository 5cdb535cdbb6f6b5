import { getHeapStatistics } from 'node:v8';
import { processEnvironment } from '../lib/config/environment.ts';

/**
 * Where a machine has memory, V8 lets the heap grow to four times what lives in it before it looks; with a limit below
 * 2 GiB it is twice at most, and garbage of a few seconds is not kept beside it. 10,000 GPUs live in 100 MiB.
 */
const oldSpaceMebibytes = 1900;
const youngSpaceMebibytes = 16;

/**
 * Becomes the same process with a smaller heap when it is to serve as a hub; `argv` are the words after the script.
 * Sizes that someone set are kept, a container's small limit too; where a process cannot be replaced, nothing changes.
 */
export function keepHeapLean([verb, word]: readonly string[]): void {
  const serves = verb === 'hub' && (word === undefined || word.startsWith('-'));
  const { execPath, execArgv, execve } = process;
  const environment = processEnvironment();
  const given = `${execArgv.join(' ')} ${environment['NODE_OPTIONS'] ?? ''}`;
  const isSmall = getHeapStatistics().heap_size_limit <= oldSpaceMebibytes * 2 ** 20;
  if (!serves || isSmall || execve === undefined || given.includes('-space-size')) return;
  const sizes = [`--max-old-space-size=${oldSpaceMebibytes}`, `--max-semi-space-size=${youngSpaceMebibytes}`];
  execve(execPath, [execPath, ...execArgv, ...sizes, ...process.argv.slice(1)]);
}
