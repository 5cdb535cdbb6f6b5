import { parseArgs } from 'node:util';
import type { BenchResult, RunOptions } from './bench.ts';
import { benches } from './benches.ts';

const usage = (): string => `Usage: npm run bench -- NAME… [--json] [--minutes N] [--hosts N] [--scrape]
  ${benches.map(({ name }) => name).join('\n  ')}

--minutes N   how long a bench that runs for a while does so; its bar is for the time that it takes by itself
--hosts N     with the ssh benches: how many hosts
--scrape      with the fleet bench: /metrics is read every 15 s meanwhile
`;

interface Words {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly options: RunOptions;
}

function readWords(argv: readonly string[]): Words | string {
  try {
    const options = {
      json: { type: 'boolean' },
      minutes: { type: 'string' },
      hosts: { type: 'string' },
      scrape: { type: 'boolean' },
    } as const;
    const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options });
    const minutes = values.minutes === undefined ? null : Number(values.minutes);
    if (minutes !== null && !(minutes > 0 && minutes <= 1440))
      return `--minutes: "${values.minutes}" is not a number of minutes`;
    const hosts = values.hosts === undefined ? null : Number(values.hosts);
    if (hosts !== null && !(Number.isInteger(hosts) && hosts > 0 && hosts <= 5000))
      return `--hosts: "${values.hosts}" is not a number of hosts`;
    const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
    if (unknown !== undefined) return `there is no benchmark "${unknown}"`;
    return {
      names: positionals,
      json: values.json === true,
      options: { minutes, hosts, scrape: values.scrape === true },
    };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

/** `node bench/main.ts NAME…`: exit 0 when every bar holds, 1 when one does not, 2 for bad usage. */
async function main(argv: readonly string[]): Promise<number> {
  const words = readWords(argv);
  if (typeof words === 'string' || words.names.length === 0) {
    process.stderr.write(`${typeof words === 'string' ? `bench: ${words}\n` : ''}${usage()}`);
    return 2;
  }
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => words.names.includes(name))) {
    const figures = await bench.run(words.options);
    results.push(...figures);
    if (!words.json) process.stdout.write(figures.map(toLine).join(''));
  }
  if (words.json)
    process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  return results.every(({ holds }) => holds) ? 0 : 1;
}

const show = (value: number): string =>
  Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

function toLine(result: BenchResult): string {
  const { name, unit, ours, reference, ratio, bar, holds, rounds, beyond, note } = result;
  const against =
    reference === null
      ? `bar ${show(bar)}`
      : `${reference.what}: ${show(reference.median)}; ratio ${show(ratio ?? 0)}, bar ${show(bar)}`;
  const range = rounds > 1 ? ` (${show(ours.min)} to ${show(ours.max)}, ${rounds} rounds)` : '';
  const lines = [
    `${holds ? 'holds' : 'FAILS'}  ${name}: ${show(ours.median)} ${unit}${range}; ${against}`,
    ...(beyond === undefined ? [] : [`       beyond ${beyond.what}: ${show(beyond.median)}`]),
    ...(note === undefined ? [] : [`       ${note}`]),
  ];
  return `${lines.join('\n')}\n`;
}

process.exitCode = await main(process.argv.slice(2));
