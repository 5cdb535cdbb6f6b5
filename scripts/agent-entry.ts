import { run } from '../bin/verbs/agent.ts';

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write(`gpufleet agent: needs Node 20 or newer, this is ${process.version}\n`);
  process.exit(2);
}
const [, , ...args] = process.argv;
// `gpufleet-agent.mjs agent …` and `gpufleet-agent.mjs …` are the same, so that one command line fits both ways to run it.
process.exitCode = await run(args[0] === 'agent' ? args.slice(1) : args);
