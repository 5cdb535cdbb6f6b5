import { endWithOutput, exitCodeOf } from './output-fault.ts';
import { verbs } from './verbs/index.ts';

const usage = (): string =>
  [
    'Usage: gpufleet <verb> [options]',
    '',
    ...Object.entries(verbs).map(([name, verb]) => `  ${name.padEnd(10)} ${verb.summary}`),
    '',
    'gpufleet <verb> --help tells more.',
    '',
  ].join('\n');

/** Finds the verb and runs it; sets the exit code: 0 done, 1 no, 2 bad usage or input, 3 could not reach what it needs. */
export async function main(argv: readonly string[]): Promise<void> {
  const [name, ...rest] = argv;
  endWithOutput();
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    process.exitCode = name === undefined ? 2 : 0;
    return;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    process.stderr.write(`gpufleet: there is no verb "${name}"; gpufleet --help lists them\n`);
    process.exitCode = 2;
    return;
  }
  const { run } = await verb.load();
  process.exitCode = exitCodeOf(await run(rest));
}
