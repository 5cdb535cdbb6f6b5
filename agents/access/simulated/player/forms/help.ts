import { headerName, queryFields } from '../fields.ts';

/** `--help-query-gpu`: the names that this branch knows, with their other names. */
export function helpQueryGpuText(branch: number): string {
  const lines = queryFields
    .filter((entry) => branch === 0 || entry.since <= branch)
    .flatMap((entry) => {
      const name = headerName({ ...entry, unit: null }, branch);
      const aliases = entry.aliases.filter(
        (alias) => alias !== name && (branch >= 535 || !alias.startsWith('clocks_throttle')),
      );
      return [[name, ...aliases].map((alias) => `"${alias}"`).join(' or '), ''];
    });
  return `${['List of valid properties to query for the switch "--query-gpu":', '', ...lines].join('\n')}\n`;
}

/** `--help`: the forms that a player plays. */
export const helpText = (driverVersion: string | null): string =>
  `${[
    `NVIDIA System Management Interface -- v${driverVersion ?? '?'}`,
    '',
    'nvidia-smi [OPTION1 [ARG1]] [OPTION2 [ARG2]] ...',
    '',
    '    -h,   --help                Print usage information and exit.',
    '          --version             Print version information and exit.',
    '    -L,   --list-gpus           Display a list of GPUs connected to the system.',
    '    -q -x                       Display GPU info as XML.',
    '    -i,   --id=                 Target a specific GPU.',
    '    -l,   --loop=               Probe until Ctrl+C at specified second interval.',
    '    -lms, --loop-ms=            Probe until Ctrl+C at specified millisecond interval.',
    '          --query-gpu=          Information about GPU.',
    '          --query-compute-apps= List of currently active compute processes.',
    '          --format=             csv[,noheader][,nounits]',
    '          --help-query-gpu      Names for --query-gpu.',
    '    pmon                        Displays process stats in scrolling format.',
    '    mig -lgi                    List GPU instances.',
    '',
  ].join('\n')}\n`;
