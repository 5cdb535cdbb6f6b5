import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patience } from './patience.ts';

/** Undoes, last first, what a test started; every step runs even if one before it failed. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop())
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw new AggregateError(failures, `clean-up failed: ${failures.join('; ')}`);
  }
}

/** A folder of its own with a short path (Unix sockets allow 107 characters). */
export function temporaryFolder(cleanup: Cleanup, name = 'test'): string {
  const folder = mkdtempSync(join(tmpdir(), `gf-${name}-`));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  return folder;
}

/** A TCP port that was free a moment ago. */
export function freePort(address = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() =>
        typeof bound === 'object' && bound !== null ? resolve(bound.port) : reject(new Error('no port')),
      );
    });
  });
}

export const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Asks until `check` neither throws nor gives undefined, null or false; after `patience` times `seconds` it rejects with the last reason. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { seconds = 30, everySeconds = 0.1, what = 'the condition' } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const longest = seconds * patience;
  const end = performance.now() + longest * 1000;
  let last: unknown = 'it was never true';
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false)
        return value as Exclude<T, undefined | null | false>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end)
      throw new Error(
        `waited ${longest} s for ${what}: ${last instanceof Error ? last.message : String(last)}`,
        {
          cause: last,
        },
      );
    await sleep(everySeconds);
  }
}
