import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import type { HostAccess } from '../host-access.ts';
import { createLocalAccess } from './index.ts';

/** Removed after the tests of the file that imports it. */
export const folder = mkdtempSync(join(tmpdir(), 'gpufleet-local-'));
export const grace = { termSeconds: 0.1, killSeconds: 0.1 };
export const limits = { deadlineSeconds: 5, maxOutputBytes: 1_000_000 };
export const streamLimits = { startDeadlineSeconds: 5, sampleDeadlineSeconds: 5, maxLineBytes: 1000 };
const opened: HostAccess[] = [];

let scripts = 0;
/** The path of a program of these shell commands. */
export function script(body: string): string {
  scripts += 1;
  const path = join(folder, `script-${scripts}`);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** This machine, closed after the test. */
export function access(options: Parameters<typeof createLocalAccess>[0] = {}): HostAccess {
  const made = createLocalAccess({ grace, ...options });
  opened.push(made);
  return made;
}

export async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** A zombie is dead: a container's first process may be one that reaps nobody. */
export const alive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));
