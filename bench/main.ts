import { type BenchResult, runBench } from './bench.ts';
import { benches } from './benches.ts';

/** `node bench/main.ts NAME… [--json]`: exit 0 when every bar holds, 1 when one does not, 2 for an unknown name. */
async function main(argv: readonly string[]): Promise<number> {
  const names = argv.filter((word) => !word.startsWith('--'));
  const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
  if (names.length === 0 || unknown.length > 0) {
    for (const name of unknown) process.stderr.write(`bench: there is no benchmark "${name}"\n`);
    process.stderr.write(
      `Usage: npm run bench -- NAME… [--json]\n  ${benches.map(({ name }) => name).join('\n  ')}\n`,
    );
    return 2;
  }
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => names.includes(name))) {
    const result = await runBench(bench);
    results.push(result);
    if (!argv.includes('--json')) process.stdout.write(toLine(result));
  }
  if (argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  }
  return results.every(({ holds }) => holds) ? 0 : 1;
}

function toLine({ name, unit, ours, reference, ratio, bar, holds, rounds }: BenchResult): string {
  const show = (value: number): string => value.toPrecision(3);
  const against =
    reference === null
      ? `bar ${show(bar)} ${unit}`
      : `${reference.what}: ${show(reference.median)}; ratio ${show(ratio ?? 0)}, bar ${show(bar)}`;
  const range = `${show(ours.min)} to ${show(ours.max)}, ${rounds} rounds`;
  return `${holds ? 'holds' : 'FAILS'}  ${name}: ${show(ours.median)} ${unit} (${range}); ${against}\n`;
}

process.exitCode = await main(process.argv.slice(2));
