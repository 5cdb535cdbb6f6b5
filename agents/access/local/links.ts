import { realpath } from 'node:fs';
import { promisify } from 'node:util';
import type { RunOptions, RunResult } from '../host-access.ts';
import { settlesWithin } from './children.ts';

const resolveLinks = promisify(realpath.native);

/** The paths of `readlink -f PATH…`; null for another command. */
export function linksIn([program, option, ...paths]: readonly string[]): readonly string[] | null {
  const isAsked = program === 'readlink' && option === '-f' && paths.length > 0;
  return isAsked && paths.every((path) => path.startsWith('/')) ? paths : null;
}

/**
 * Answers `readlink -f` as the program would, for paths whose last part is there: it is asked four times a minute, and
 * starting a program costs the agent more than a report does. Never rejects.
 */
export function createLinkReader(): (paths: readonly string[], options: RunOptions) => Promise<RunResult> {
  /** A look that hangs (a dead network mount) holds one of libuv's few threads: no second one beside it. */
  let isHanging = false;
  return async (paths, { deadlineSeconds }) => {
    const startedAt = performance.now();
    const result = (outcome: RunResult['outcome'], exitCode: number | null, stdout: string): RunResult => ({
      ...{ outcome, exitCode, stdout, stderr: '' },
      durationSeconds: (performance.now() - startedAt) / 1000,
    });
    if (isHanging) return result('hung', null, '');
    const targets: string[] = [];
    const resolving = (async () => {
      for (const path of paths) targets.push(await resolveLinks(path).catch(() => ''));
    })();
    if (!(await settlesWithin(resolving, deadlineSeconds))) {
      isHanging = true;
      void resolving.then(() => {
        isHanging = false;
      });
      return result('timeout', null, '');
    }
    const found = targets.filter((target) => target !== '');
    return result('exited', Number(found.length < paths.length), found.map((each) => `${each}\n`).join(''));
  };
}
