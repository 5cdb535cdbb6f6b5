// The agent as one file that runs with Node alone; with --sea also as a single executable that needs no Node.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { buildExecutables } from './build-sea.ts';

const root = new URL('..', import.meta.url).pathname;
const name = 'gpufleet-agent.mjs';

/** Packages that an agent on a GPU host must not carry. */
const unwanted = /node_modules\/(next|react|react-dom|zod|recharts|@peculiar|ssh2|ssh-config)\//;

const { values } = parseArgs({
  options: {
    sea: { type: 'boolean', default: false },
    /** Of a build of your own, which a rollout tells from the one before. */
    version: { type: 'string' },
    out: { type: 'string' },
  },
});
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const version = values.version ?? own.version;
if (!/^[\w.+-]{1,64}$/.test(version)) throw new Error(`--version: "${version}" is no version`);
const folder = values.out === undefined ? join(root, 'dist', 'agent') : resolve(values.out);

const common: BuildOptions = {
  absWorkingDir: root,
  entryPoints: ['scripts/agent-entry.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Reading other hosts over SSH is the hub's: an agent has no use for it.
  external: ['*/access/ssh/index.ts'],
  // Names stay as they are written: kept beside short ones, each function would be given its own again whenever it is made.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};
const versionAs = { GPUFLEET_AGENT_VERSION: JSON.stringify(version) };

async function bundle(file: string, options: BuildOptions): Promise<Buffer> {
  const { metafile } = await build({ ...common, ...options, outfile: file });
  const strays = Object.keys(metafile?.inputs ?? {}).filter((path) => unwanted.test(path));
  if (strays.length > 0) throw new Error(`the agent's bundle carries ${strays.slice(0, 3).join(', ')}`);
  return readFileSync(file);
}

function writeSum(file: string): string {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(`${file}.sha256`, `${sha256}  ${file.slice(file.lastIndexOf('/') + 1)}\n`);
  return sha256;
}

mkdirSync(folder, { recursive: true });
const file = join(folder, name);
const bytes = await bundle(file, {
  format: 'esm',
  define: versionAs,
  // The hub reads the version here. CommonJS packages inside an ES module still call require for Node's own modules.
  banner: {
    js: `#!/usr/bin/env node\n// gpufleet-agent ${version}\nimport { createRequire as gpufleetRequire } from 'node:module';\nconst require = gpufleetRequire(import.meta.url);`,
  },
});
chmodSync(file, 0o755);
process.stderr.write(`${file}: ${Math.round(bytes.length / 1024)} KiB, sha256 ${writeSum(file)}\n`);

if (values.sea) {
  const script = join(folder, 'gpufleet-agent.cjs');
  const define = { ...versionAs, GPUFLEET_AGENT_SEA: 'true', 'import.meta.url': '"file:///"' };
  await bundle(script, { format: 'cjs', define });
  for (const made of await buildExecutables({ root, folder, script }))
    if ('path' in made) process.stderr.write(`${made.path}: sha256 ${writeSum(made.path)}\n`);
    else process.stderr.write(`no executable for ${made.arch}: ${made.why}\n`);
}
