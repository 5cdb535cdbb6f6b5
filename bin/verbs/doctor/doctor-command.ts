import { accessSync, constants, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { HostAccess } from '../../../agents/access/host-access.ts';
import { createLocalAccess } from '../../../agents/access/local/index.ts';
import { runDoctor } from '../../../agents/doctor/index.ts';
import { askSmi } from '../../../agents/doctor/smi-facts.ts';
import { fileFault } from '../../../lib/config/file-fault.ts';
import { diagnosisText } from './diagnosis-text.ts';

const usage = `Usage: gpufleet doctor [options]

Says what is wrong with this host's GPU stack, and the fix for each. Changes nothing.

  --json                 one JSON document on stdout
  --nvidia-smi PATH      where nvidia-smi is, if not where drivers put it
  --docker-socket PATH   of the Docker Engine API (/var/run/docker.sock)
  --no-docker            does not ask Docker, as an agent of level "GPU only"
  --recorded PATH        looks at a recorded host instead (a folder or a capture)
  --help                 this text

Exit codes: 0 nothing is wrong, 1 something is, 2 bad usage or unreadable input, 3 nothing could be checked.
`;

interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly nvidiaSmi: string | null;
  readonly dockerSocket: string | null;
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
        'no-docker': { type: 'boolean' },
        recorded: { type: 'string' },
      },
    });
    return {
      json: values.json === true,
      help: values.help === true,
      nvidiaSmi: values['nvidia-smi'] ?? null,
      dockerSocket: values['no-docker'] === true ? null : values['docker-socket'],
      recorded: values.recorded ?? null,
    };
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'bad options';
  }
}

/** What is wrong with the path of a program that was named, or null. */
function programFault(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isDirectory() ? `--nvidia-smi: ${path}: is a directory` : null;
  } catch (error) {
    return `--nvidia-smi: ${path}: ${fileFault(error)}`;
  }
}

/** Opens a recorded host; a text says why it cannot be read. */
export type OpenRecorded = (path: string) => Promise<HostAccess | string>;

/** The `doctor` verb; resolves to its exit code. The installed agent, which reads no recordings, gives no `openRecorded`. */
export async function doctorCommand(
  argv: readonly string[],
  openRecorded: OpenRecorded | null,
): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') return complain(`${options} (gpufleet doctor --help tells more)`);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { recorded } = options;
  if (recorded !== null && openRecorded === null)
    return complain('--recorded: the installed agent reads no recordings; run it in a checkout');
  const fault =
    recorded === null && options.nvidiaSmi?.includes('/') ? programFault(options.nvidiaSmi) : null;
  if (fault !== null) return complain(fault);
  const access = recorded === null ? createLocalAccess() : await openRecorded?.(recorded);
  if (access === undefined || typeof access === 'string') return complain(access ?? 'no host to look at');
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
}
