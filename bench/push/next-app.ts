import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/ensure-built.ts';

const sourceFolder = join(root, 'bench', 'push', 'next-app');
/** A Next application that is one route handler, as it is built. */
export const nextAppFolder = join(root, 'dist', 'bench-next-app');

const sources = ['app/api/v1/push/route.js', 'next.config.js'];
const builtFrom = join(nextAppFolder, '.next', 'built-from');

/** Builds it unless it stands built from these sources and this Next. */
export async function buildNextApp(): Promise<void> {
  const lock = readFileSync(join(root, 'node_modules/next/package.json'), 'utf8');
  const wanted = [lock, ...sources.map((path) => readFileSync(join(sourceFolder, path), 'utf8'))].join('\0');
  if (existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === wanted) return;
  process.stderr.write('building the route handler that is the reference …\n');
  rmSync(nextAppFolder, { recursive: true, force: true });
  cpSync(sourceFolder, nextAppFolder, { recursive: true });
  const args = [join(root, 'node_modules/next/dist/bin/next'), 'build'];
  const child = spawn(process.execPath, args, {
    cwd: nextAppFolder,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const code = await new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  if (code !== 0) throw new Error(`next build ended with ${code}`);
  writeFileSync(builtFrom, wanted);
}
