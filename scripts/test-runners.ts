import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { root } from './ensure-built.ts';
import type { Numbers } from './test-reports.ts';

export interface Counts {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type Command = readonly [string, ...string[]];

/** Of output that is kept, the last of this. */
const mostKeptBytes = 8 * 2 ** 20;

interface How {
  readonly environment?: Record<string, string>;
  /** Shown in one piece at its end and not as it comes, so that two can run at once and be read. */
  readonly keepsOutput?: boolean;
}

/** Exit code of a command whose output is shown; 1 when it could not start. */
function run([program, ...args]: Command, { environment = {}, keepsOutput = false }: How = {}) {
  return new Promise<number>((resolve) => {
    const output = keepsOutput ? 'pipe' : 'inherit';
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...environment },
    });
    let kept: Buffer[] = [];
    let bytes = 0;
    const keep = (chunk: Buffer) => {
      kept.push(chunk);
      bytes += chunk.length;
      while (bytes > mostKeptBytes) bytes -= kept.shift()?.length ?? 0;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(kept));
      kept = [];
      resolve(code ?? 1);
    });
  });
}

/** A program that says yes or no, counted as one test. */
export async function runCheck(name: string, command: Command): Promise<Counts> {
  const started = performance.now();
  const ok = (await run(command)) === 0;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** Runs a test runner and counts from its report; a runner that crashed, or found no test, is a failure of its own. */
export async function runRunner(
  name: string,
  command: Command,
  how: {
    readonly report: string;
    readonly read: (report: Record<string, unknown>) => Numbers;
  } & How,
): Promise<Counts> {
  console.log(`\n--- ${name}${how.keepsOutput === true ? ' (its output comes at its end)' : ''}`);
  const code = await run(command, how);
  if (how.keepsOutput === true) console.log(`--- that was ${name}`);
  const numbers = readReport(how);
  return { name, ...judge(name, code, numbers) };
}

function readReport(how: Pick<Parameters<typeof runRunner>[2], 'report' | 'read'>): Numbers | null {
  try {
    return how.read(readJson(how.report));
  } catch {
    return null;
  }
}

/** @throws SyntaxError or a system error where there is no whole report */
export function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

/** What of a report can be listed; nothing of one that is missing, which its runner's count tells already. */
export function listOf<T>(file: string, read: (report: Record<string, unknown>) => T[]): T[] {
  try {
    return read(readJson(file));
  } catch {
    return [];
  }
}

export function judge(name: string, code: number, numbers: Numbers | null): Numbers {
  if (numbers === null) {
    console.error(`${name}: ended with ${code} and left no readable report`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  if (code !== 0 && numbers.failed === 0) {
    console.error(`${name}: no test failed, but the runner ended with ${code}`);
    return { ...numbers, failed: 1 };
  }
  if (numbers.passed + numbers.failed === 0) {
    console.error(`${name}: no test ran`);
    return { ...numbers, failed: 1 };
  }
  return numbers;
}

export function summaryLine(results: readonly Numbers[]): string {
  const sum = (key: keyof Numbers) => results.reduce((total, result) => total + result[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
