import { readFileSync } from 'node:fs';
import { type Fleet, startFleet } from '../../agents/access/simulated/fleet.ts';
import { ControlError } from '../../agents/access/simulated/index.ts';
import type { HubTrust } from '../../agents/report/index.ts';
import { fileFault } from '../../lib/config/file-fault.ts';
import { faultNames, readSimulateOptions, type SimulateOptions } from './simulate/options.ts';

const usage =
  (): string => `Usage: gpufleet simulate --hub URL (--token T | --token-file F) --hosts N --gpus M [options]

N simulated hosts with M GPUs each report to a hub, through the real collector, agent and wire. Ends by Ctrl+C.

  --interval TIME           between two readings, until the hub says otherwise (5s)
  --seed S                  another seed, other values and uuids (1)
  --fault KIND              the first host has it; may be repeated, then the next one
                            ${faultNames.join(', ')}
  --ca-file F               certificate authority of the hub's certificate, PEM
  --ca-fingerprint sha256:HEX
                            trust just the hub's own authority with this fingerprint
  --help                    this text

Exit codes: 0 done, 2 bad usage or unreadable input.
`;

const say = (text: string): void => {
  process.stderr.write(`gpufleet simulate: ${text}\n`);
};

function trustOf({ caPem, caFingerprint }: SimulateOptions): HubTrust {
  if (caPem !== null) return { kind: 'authority', pem: caPem };
  return caFingerprint === null ? { kind: 'system' } : { kind: 'fingerprint', sha256: caFingerprint };
}

/** What hundreds of hosts say alike is said once; a line of its own kind at most 20 times in all. */
function createFleetLog(): (line: string) => void {
  const said = new Map<string, number>();
  return (line) => {
    const kind = line.slice(line.indexOf(': ') + 2).replace(/\d+/g, '0');
    const times = (said.get(kind) ?? 0) + 1;
    said.set(kind, times);
    if (times === 1 || (times <= 20 && times % 10 === 0))
      say(times === 1 ? line : `${line} (${times} times by now)`);
  };
}

function tokenReader({ token, tokenFile }: SimulateOptions): () => string {
  return () => (token ?? readFileSync(tokenFile ?? '', 'utf8')).trim();
}

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

/** Null when the settings fit no host; that was said. */
async function startedFleet(
  options: SimulateOptions,
  readToken: () => string,
  cancelled: () => boolean,
): Promise<Fleet | null> {
  try {
    return await startFleet(
      {
        hubUrl: options.hubUrl,
        trust: trustOf(options),
        readToken,
        hosts: options.hosts,
        gpusPerHost: options.gpus,
        intervalSeconds: options.intervalSeconds,
        seed: options.seed,
        faults: options.faults,
        log: createFleetLog(),
        onReady: (ready) => {
          if (ready === options.hosts) say(`all ${ready} hosts report to ${options.hubUrl}`);
        },
      },
      cancelled,
    );
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    say(error.message);
    return null;
  }
}

/** The `simulate` verb; resolves to its exit code when it was stopped. */
export async function run(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage());
    return 0;
  }
  const options = readSimulateOptions(argv);
  if (!('hubUrl' in options)) {
    for (const problem of options) say(problem);
    return 2;
  }
  const readToken = tokenReader(options);
  try {
    readToken();
  } catch (error) {
    say(`--token-file: ${options.tokenFile}: ${fileFault(error)}`);
    return 2;
  }
  let stopped = false;
  const signalled = untilSignal().then(() => {
    stopped = true;
  });
  const fleet = await startedFleet(options, readToken, () => stopped);
  if (fleet === null) return 2;
  await signalled;
  await fleet.stop();
  return 0;
}
