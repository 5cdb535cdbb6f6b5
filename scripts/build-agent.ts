import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'dist', 'agent');
const name = 'gpufleet-agent.mjs';

/** Packages that an agent on a GPU host must not carry. */
const unwanted = /node_modules\/(next|react|react-dom|zod|recharts|@peculiar)\//;

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const result = await build({
  absWorkingDir: root,
  entryPoints: ['scripts/agent-entry.ts'],
  outfile: join(folder, name),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { GPUFLEET_AGENT_VERSION: JSON.stringify(version) },
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as gpufleetRequire } from 'node:module';\nconst require = gpufleetRequire(import.meta.url);",
  },
});
const strays = Object.keys(result.metafile.inputs).filter((path) => unwanted.test(path));
if (strays.length > 0) throw new Error(`the agent's bundle carries ${strays.slice(0, 3).join(', ')}`);

mkdirSync(folder, { recursive: true });
const file = join(folder, name);
chmodSync(file, 0o755);
const bytes = readFileSync(file);
const sha256 = createHash('sha256').update(bytes).digest('hex');
writeFileSync(`${file}.sha256`, `${sha256}  ${name}\n`);
process.stderr.write(`dist/agent/${name}: ${Math.round(bytes.length / 1024)} KiB, sha256 ${sha256}\n`);
