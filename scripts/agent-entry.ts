import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { agentNodeFlags } from '../agents/packaging/node-flags.ts';
import { launch, notLoaded } from '../agents/packaging/upgrade/launch.ts';
import { agentVersion } from '../agents/report/version.ts';
import { endWithOutput, exitCodeOf } from '../bin/output-fault.ts';

/** Written in by the bundler: true inside the single executable. */
declare const GPUFLEET_AGENT_SEA: boolean | undefined;

const isSea = typeof GPUFLEET_AGENT_SEA === 'boolean' && GPUFLEET_AGENT_SEA;

type Run = (argv: readonly string[]) => Promise<number>;

/** Verbs that the installed agent has beside its own; each is loaded only when asked for. */
const verbs: Readonly<Record<string, () => Promise<{ run: Run }>>> = {
  agent: () => import('../bin/verbs/agent.ts'),
  capture: () => import('../bin/verbs/capture.ts'),
  doctor: async () => {
    const { doctorCommand } = await import('../bin/verbs/doctor/doctor-command.ts');
    return { run: (argv) => doctorCommand(argv, null) };
  },
  'docker-proxy': () => import('../agents/packaging/docker-proxy/index.ts'),
};

async function runOwn(argv: readonly string[]): Promise<number> {
  const [first = '', ...rest] = argv;
  // `gpufleet-agent.mjs agent …` and `gpufleet-agent.mjs …` are the same, so that one command line fits both ways to run it.
  const verb = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
  if (verb !== undefined) return (await verb()).run(rest);
  const { run } = await import('../bin/verbs/agent.ts');
  return run(argv);
}

/** A new one is another file; a single executable reads it by require, since it has no import. */
async function load(path: string): Promise<void> {
  if (isSea) createRequire(path)(path);
  else await import(pathToFileURL(path).href);
}

/** Only what goes on running is upgraded: a question is answered by the installed agent. */
const isQuestion = (argv: readonly string[]): boolean =>
  argv.some((word) => ['--once', '--stdout', '--help', '-h'].includes(word)) ||
  /^[a-z]/.test(argv[argv[0] === 'agent' ? 1 : 0] ?? '');

/**
 * V8 takes them only at the start, so the process becomes itself once more, under the same pid. A single executable has
 * them built in.
 */
function stayLight(): void {
  const { execArgv, execPath, execve } = process;
  const missing = agentNodeFlags.filter((flag) => !execArgv.includes(flag));
  if (missing.length === 0 || typeof execve !== 'function') return;
  execve(execPath, [execPath, ...missing, ...execArgv, ...process.argv.slice(1)]);
}

async function main(): Promise<number> {
  endWithOutput();
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    process.stderr.write(`gpufleet agent: needs Node 20 or newer, this is ${process.version}\n`);
    return 2;
  }
  const argv = process.argv.slice(2);
  if (argv[0] === '--version') {
    process.stdout.write(`gpufleet-agent ${agentVersion()}\n`);
    return 0;
  }
  if (!isSea && !isQuestion(argv)) stayLight();
  const ownFile = isSea ? null : (process.argv[1] ?? null);
  const chosen = isQuestion(argv)
    ? null
    : launch({ argv, env: process.env, ownFile, version: agentVersion() });
  if (chosen === null) return runOwn(argv);
  try {
    await load(chosen);
    // It sets the exit code itself when it ends.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    process.stderr.write(`gpufleet agent: ${chosen} cannot be loaded: ${String(error)}\n`);
    notLoaded(String(error));
    return 1;
  }
}

// Not awaited at the top: a module that is may not be required by the single executable.
void main().then((code) => {
  process.exitCode = exitCodeOf(code);
});
