import { parseArgs } from 'node:util';
import { createReplayAccess, RecordingError } from '../../agents/access/replay/index.ts';
import { createCollector } from '../../agents/collect/index.ts';
import type { Report } from '../../lib/model/index.ts';
import { reportText } from './replay/report-text.ts';

const usage = `Usage: gpufleet replay FILE|DIR [--json] [--speed N]

Reads a recorded host (a file of gpufleet capture, or a folder with host.json) through the collector, and prints the
report that would leave it.

  --json      the report as one JSON document on stdout
  --speed N   how long commands take against the recording: 1 as recorded, 0 (the default) no time
  --help      this text

Exit codes: 0 done, 2 bad usage, or what is no recorded host, 3 the output takes no more.
`;

interface Options {
  readonly folder: string | null;
  readonly json: boolean;
  readonly help: boolean;
  readonly speed: number;
}

const complain = (text: string): number => {
  process.stderr.write(`gpufleet replay: ${text}\n`);
  return 2;
};

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        speed: { type: 'string', default: '0' },
      },
    });
    const speed = Number(values.speed);
    if (!(speed >= 0 && speed <= 100)) return `--speed: "${values.speed}" is not a number from 0 to 100`;
    if (positionals.length > 1) return `one recorded host at a time: ${positionals.join(' ')}`;
    return { folder: positionals[0] ?? null, json: values.json === true, help: values.help === true, speed };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

const sampleDeadlineMilliseconds = 3000;

/** One reading of the host: every source asked once, and a first sample of the stream where there is one. */
async function readingOf(folder: string, speed: number): Promise<{ hostname: string; report: Report }> {
  const access = await createReplayAccess(folder, { speed });
  const collector = createCollector(access, { intervalSeconds: 1 });
  const sampled = new Promise<void>((resolve) => {
    // Where no sample is waited for it must not keep the command running.
    setTimeout(resolve, sampleDeadlineMilliseconds).unref();
    collector.onSample((event) => {
      if (event === 'sample') resolve();
    });
  });
  try {
    await collector.start();
    const { condition } = collector.snapshot();
    if (condition === 'ok' || condition === 'starting') await sampled;
    return {
      hostname: await access.hostname(),
      report: { ...collector.snapshot(), sequence: 1, ageSeconds: 0 },
    };
  } finally {
    await collector.stop();
    await access.close();
  }
}

/** The `replay` verb; resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') return complain(`${options} (gpufleet replay --help tells more)`);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.folder === null)
    return complain('no recorded host is named (gpufleet replay --help tells more)');
  try {
    const { hostname, report } = await readingOf(options.folder, options.speed);
    process.stdout.write(
      options.json ? `${JSON.stringify({ hostname, report }, null, 2)}\n` : reportText(hostname, report),
    );
    return 0;
  } catch (error) {
    if (error instanceof RecordingError) return complain(error.message);
    throw error;
  }
}
