import { parseArgs } from 'node:util';
import { createLocalAccess } from '../../agents/access/local/index.ts';
import { createReplayAccess, RecordingError } from '../../agents/access/replay/index.ts';
import { runDoctor } from '../../agents/doctor/index.ts';
import { askSmi } from '../../agents/doctor/smi-facts.ts';
import { diagnosisText } from './doctor/diagnosis-text.ts';

const usage = `Usage: gpufleet doctor [options]

Says what is wrong with this host's GPU stack, and the fix for each. Changes nothing.

  --json                 one JSON document on stdout
  --nvidia-smi PATH      where nvidia-smi is, if not where drivers put it
  --docker-socket PATH   of the Docker Engine API (/var/run/docker.sock)
  --recorded PATH        looks at a recorded host instead (a folder or a capture)
  --help                 this text

Exit codes: 0 nothing is wrong, 1 something is, 2 bad usage or unreadable input, 3 nothing could be checked.
`;

interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly nvidiaSmi: string | null;
  readonly dockerSocket: string;
  readonly recorded: string | null;
}

const complain = (text: string): number => {
  process.stderr.write(`gpufleet doctor: ${text}\n`);
  return 2;
};

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        'nvidia-smi': { type: 'string' },
        'docker-socket': { type: 'string', default: '/var/run/docker.sock' },
        recorded: { type: 'string' },
      },
    });
    return {
      json: values.json === true,
      help: values.help === true,
      nvidiaSmi: values['nvidia-smi'] ?? null,
      dockerSocket: values['docker-socket'],
      recorded: values.recorded ?? null,
    };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

/** The `doctor` verb; resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') return complain(`${options} (gpufleet doctor --help tells more)`);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { recorded } = options;
  try {
    const access = recorded === null ? createLocalAccess() : await createReplayAccess(recorded, { speed: 0 });
    const diagnosis = await runDoctor({
      access,
      dockerSocketPath: options.dockerSocket,
      smi: () => askSmi(access, options.nvidiaSmi),
      mayOpenDevices: true,
    });
    await access.close();
    process.stdout.write(options.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : diagnosisText(diagnosis));
    if (diagnosis.findings.some(({ severity }) => severity !== 'info')) return 1;
    return diagnosis.passed.length + diagnosis.notApplicable.length === 0 ? 3 : 0;
  } catch (error) {
    if (error instanceof RecordingError) return complain(error.message);
    throw error;
  }
}
