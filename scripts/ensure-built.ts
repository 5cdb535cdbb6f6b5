import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const root = new URL('..', import.meta.url).pathname;

/** Folders and files that end up in the built pages or in the agent's bundle. */
const pageSources = [
  'app',
  'lib',
  'public',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
];
const agentSources = [
  'agents',
  'lib',
  'bin',
  'scripts/agent-entry.ts',
  'scripts/build-agent.ts',
  'package-lock.json',
];

async function filesBelow(path: string): Promise<string[]> {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  const entries = await readdir(full, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [full];
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const files = (await Promise.all(sources.map(filesBelow)))
    .flat()
    .filter((file) => !/\.(test|it)\.tsx?$/.test(file));
  for (const file of files.sort())
    hash
      .update(file.slice(root.length))
      .update('\0')
      .update(await readFile(file));
  return hash.digest('hex');
}

function run(command: readonly [string, ...string[]]): Promise<void> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command.join(' ')} ended with ${code}`)),
    );
  });
}

async function buildWhenChanged(
  name: string,
  sources: readonly string[],
  result: string,
  command: readonly [string, ...string[]],
) {
  const stamp = join(root, 'dist', `${name}.built-from`);
  const wanted = await fingerprint(sources);
  if (existsSync(join(root, result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write(`building ${name} …\n`);
  await run(command);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Builds the agent's bundle unless it stands built from just these sources. Rejects when the build fails. */
export const ensureAgentBuilt = (): Promise<void> =>
  buildWhenChanged('agent', agentSources, 'dist/agent/gpufleet-agent.mjs', [
    process.execPath,
    'scripts/build-agent.ts',
  ]);

/** Builds the pages and the agent's bundle unless they stand built from just these sources. Rejects when a build fails. */
export async function ensureBuilt(): Promise<void> {
  const node = process.execPath;
  await ensureAgentBuilt();
  await buildWhenChanged('pages', pageSources, '.next/BUILD_ID', [
    node,
    'node_modules/next/dist/bin/next',
    'build',
  ]);
}

if (import.meta.main) await ensureBuilt();
