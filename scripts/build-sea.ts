import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'postject';
import { extract } from 'tar';
import { agentNodeFlags } from '../agents/packaging/node-flags.ts';

const run = promisify(execFile);
/** What Node looks for in itself; the same in every version so far. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const architectures = ['x64', 'arm64'] as const;
type Architecture = (typeof architectures)[number];

export type Executable =
  | { readonly arch: Architecture; readonly path: string }
  | { readonly arch: Architecture; readonly why: string };

export interface ExecutableOptions {
  readonly root: string;
  readonly folder: string;
  /** The agent as one CommonJS file. */
  readonly script: string;
}

/** The Node that goes into the executable: ours, or for another kind of machine the one of the same version's package. */
async function nodeFor(arch: Architecture, { root, folder }: ExecutableOptions): Promise<string> {
  if (arch === process.arch) return join(root, 'node_modules', 'node', 'bin', 'node');
  const { version } = process;
  const kept = join(folder, `node-${version}-linux-${arch}`);
  if ((await stat(kept).catch(() => null)) !== null) return kept;
  const temporary = await mkdtemp(join(tmpdir(), 'gpufleet-sea-'));
  try {
    const wanted = `node-linux-${arch}@${version.slice(1)}`;
    const { stdout } = await run('npm', ['pack', '--silent', wanted], { cwd: temporary, timeout: 300_000 });
    await extract({ file: join(temporary, stdout.trim().split('\n').at(-1) ?? ''), cwd: temporary });
    await copyFile(join(temporary, 'package', 'bin', 'node'), kept);
    return kept;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What Node runs instead of a script; without a code cache it is the same for every kind of machine. */
async function makeBlob(script: string): Promise<Buffer> {
  const output = `${script}.blob`;
  const config = `${script}.sea.json`;
  await writeFile(
    config,
    JSON.stringify({
      main: script,
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: false,
      execArgv: agentNodeFlags,
    }),
  );
  await run(process.execPath, ['--experimental-sea-config', config], { timeout: 60_000 });
  const blob = await readFile(output);
  await Promise.all([rm(config), rm(output)]);
  return blob;
}

/** `gpufleet-agent-linux-<arch>` in the folder, for each kind of machine whose Node can be had. */
export async function buildExecutables(options: ExecutableOptions): Promise<readonly Executable[]> {
  const blob = await makeBlob(options.script);
  const made: Executable[] = [];
  for (const arch of architectures) {
    const path = join(options.folder, `gpufleet-agent-linux-${arch}`);
    try {
      await copyFile(await nodeFor(arch, options), path);
      await chmod(path, 0o755);
      await inject(path, 'NODE_SEA_BLOB', blob, { sentinelFuse: fuse });
      made.push({ arch, path });
    } catch (error) {
      await rm(path, { force: true });
      made.push({ arch, why: (error as Error).message.split('\n')[0] ?? '' });
    }
  }
  return made;
}
