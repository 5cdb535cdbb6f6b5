import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Fault, parseFault, plainFaults } from '../../../agents/access/simulated/index.ts';
import { durationBetween, integerBetween, parseHttpUrl, SettingError } from '../../../lib/config/parsers.ts';

export interface SimulateOptions {
  readonly hubUrl: string;
  readonly token: string | null;
  readonly tokenFile: string | null;
  readonly caPem: string | null;
  readonly caFingerprint: string | null;
  readonly hosts: number;
  readonly gpus: number;
  readonly intervalSeconds: number;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

/** What each fault that needs more than its name is played as. */
const detailed: Readonly<Record<string, unknown>> = {
  'slow-start': { kind: 'slow-start', seconds: 10 },
  'gpu-lost': { kind: 'gpu-lost', gpu: 0 },
  'driver-replaced': { kind: 'driver-replaced', driverVersion: '595.71.05', cudaVersion: '13.2' },
};

export const faultNames: readonly string[] = [...plainFaults, ...Object.keys(detailed), 'xid=N'];

const xidForm = /^xid=(\d{1,4})(?:@(\d{1,4}))?$/;

/** `xid=79`, or `xid=79@3` for its GPU 3. */
function faultOf(name: string): Fault {
  const xid = xidForm.exec(name);
  if (xid !== null) return parseFault({ kind: 'xid', xid: Number(xid[1]), gpu: Number(xid[2] ?? 0) });
  if (name === 'xid=N' || !faultNames.includes(name))
    throw new SettingError(`is no fault; known: ${faultNames.join(', ')}`);
  return parseFault(detailed[name] ?? name);
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const flags = {
  hub: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'ca-file': { type: 'string' },
  'ca-fingerprint': { type: 'string' },
  hosts: { type: 'string' },
  gpus: { type: 'string' },
  interval: { type: 'string' },
  seed: { type: 'string' },
  fault: { type: 'string', multiple: true },
} as const;

function parseFingerprint(text: string): string {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new SettingError('is not sha256: and 64 hexadecimal digits');
  return hex;
}

type Given = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** All faults of a command line together, a line each, or the options. */
export function readSimulateOptions(argv: readonly string[]): SimulateOptions | readonly string[] {
  let given: Given;
  try {
    given = parseArgs({ args: [...argv], options: flags, allowPositionals: false }).values;
  } catch (error) {
    // Node explains over several lines, and the first alone ("is ambiguous") does not tell what to do.
    return [error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : 'bad options'];
  }
  const problems: string[] = [];
  const read = <T>(name: keyof typeof flags & keyof Given, parse: (text: string) => T, otherwise: T): T => {
    const text = given[name];
    if (typeof text !== 'string') return otherwise;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      problems.push(`--${name}: "${text}" ${error.message}`);
      return otherwise;
    }
  };
  const faults = (given.fault ?? []).flatMap((name) => {
    try {
      return [faultOf(name)];
    } catch (error) {
      problems.push(`--fault: "${name}" ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const options: SimulateOptions = {
    hubUrl: read('hub', parseHttpUrl, ''),
    token: given.token ?? null,
    tokenFile: given['token-file'] ?? null,
    caPem: read('ca-file', readPem, null),
    caFingerprint: read('ca-fingerprint', parseFingerprint, null),
    hosts: read('hosts', integerBetween(1, 20_000), 0),
    gpus: read('gpus', integerBetween(0, 64), -1),
    intervalSeconds: read('interval', durationBetween('500ms', '1h'), 5),
    seed: read('seed', integerBetween(0, 2 ** 31), 1),
    faults,
  };
  for (const name of ['hub', 'hosts', 'gpus'] as const)
    if (given[name] === undefined) problems.push(`--${name}: is needed`);
  if ((options.token === null) === (options.tokenFile === null))
    problems.push('--token and --token-file: give one, with an enrolment token of the hub');
  if (options.hosts > 0 && faults.length > options.hosts)
    problems.push(
      `--fault: ${faults.length} faults for ${options.hosts} hosts, of which each has one at most`,
    );
  return problems.length > 0 ? problems : options;
}
