import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createSqliteHistory } from '../../lib/history/sqlite/index.ts';
import { madeUpEntry, readContents, straightRun } from '../../lib/history/sqlite/testing/straight-run.ts';

const program = new URL('../../lib/history/sqlite/testing/dies-under-load.ts', import.meta.url).pathname;
const retention = { rawSeconds: 1e9, minuteSeconds: 1e9, hourSeconds: 1e9 };

/**
 * Feeds reports from `first` on and kills the process after so many commits, and not before `isEnough`, which is asked
 * now and then; returns what it said was committed.
 */
async function liveAndDie(
  path: string,
  first: number,
  commits: number,
  isEnough: () => boolean = () => true,
): Promise<readonly number[]> {
  // 1 s counts as 12 min of the store's clock: every tick flushes.
  const child = spawn(process.execPath, [program, path, '720'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const committed: number[] = [];
  child.stdin.on('error', () => {});
  child.stdin.write(`${first} 100000\n`);
  for await (const line of createInterface({ input: child.stdout })) {
    committed.push(Number(line));
    const isDue = committed.length >= commits && (committed.length - commits) % 500 === 0;
    if (isDue && isEnough()) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  return committed;
}

function readWatermark(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT min(last_id) AS last_id FROM watermarks').get();
  db.close();
  return Number(row?.['last_id']);
}

test('SIGKILL under load: what was acknowledged is there once, and rollups equal a straight run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpufleet-kill-'));
  const path = join(folder, 'history.sqlite');
  const acknowledged: number[] = [];
  const live = async (commits: number, isEnough?: () => boolean) => {
    const next = (acknowledged.at(-1) ?? -1) + 1;
    acknowledged.push(...(await liveAndDie(path, Math.max(0, next - 50), commits, isEnough)));
  };
  for (const commits of [1, 150, 700]) await live(commits);
  // However quick the machine, the last one dies after a flush.
  await live(5000, () => readWatermark(path) > 0);
  expect(readWatermark(path)).toBeGreaterThan(0);
  const last = Math.max(...acknowledged);
  const entries = Array.from({ length: last + 1 }, (_, n) =>
    madeUpEntry(n % 2 === 0 ? 'alpha' : 'beta2', 'e', n),
  );
  const history = await createSqliteHistory({ path, retention });
  const known = new Set(acknowledged);
  const outcomes: string[] = [];
  // Everything is sent again, newest first, as a backlog after an outage.
  for (let end = entries.length; end > 0; end -= 500) {
    outcomes.unshift(...(await history.append(entries.slice(Math.max(0, end - 500), end))));
  }
  await history.close();
  const lost = [...known].filter((sequence) => outcomes[sequence] === 'accepted');
  expect(lost).toEqual([]);
  // Committed and not yet acknowledged when it died: there once as well.
  const found = readContents(path);
  const beyond = found.raw.length - entries.length;
  const all = [...entries];
  for (let n = last + 1; n <= last + beyond; n++)
    all.push(madeUpEntry(n % 2 === 0 ? 'alpha' : 'beta2', 'e', n));
  expect(found).toEqual(straightRun(all));
  rmSync(folder, { recursive: true });
});
