import { parseSlurmOutOfService, parseSlurmPartitions } from '../../../lib/host-facts/index.ts';
import { readLabelsFile } from '../../../lib/labels/labels-file.ts';
import { longestHostLabelValue, type Problem } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { failed, fileOutcome, quote, runFailure } from '../failures.ts';
import type { Outcome } from '../source.ts';

type Labels = Readonly<Record<string, string>>;

const fileLimits = { maxBytes: 64 * 1024, deadlineSeconds: 2 };
const runLimits = { deadlineSeconds: 5, maxOutputBytes: 256 * 1024 };

export interface FileReading {
  readonly outcome: Outcome<Labels>;
  /** One for each bad line. */
  readonly problems: readonly Problem[];
}

/** The host's labels.yaml; one with a fault gives no labels at all. */
export async function readFileLabels(access: HostAccess, path: string): Promise<FileReading> {
  const result = await access.readFile(path, fileLimits);
  if (result.outcome === 'read' && result.truncated)
    return bad(path, [{ line: 1, message: `is larger than ${fileLimits.maxBytes} bytes` }]);
  const file = fileOutcome(result);
  if (file.state !== 'ok') return { outcome: file, problems: [] };
  const read = readLabelsFile(file.value);
  if (read.ok) return { outcome: { state: 'ok', value: read.labels }, problems: [] };
  return bad(path, read.faults);
}

function bad(
  path: string,
  faults: readonly { readonly line: number; readonly message: string }[],
): FileReading {
  const places = faults.map(({ line, message }) => ({ where: `${path}:${line}`, message }));
  const first = places[0];
  return {
    outcome: failed('invalid-argument', `${first?.where}: ${first?.message}`),
    problems: places.map(({ where, message }) => ({ field: 'labels', text: where, message })),
  };
}

/** Slurm names its nodes by the short hostname unless told otherwise. */
export const slurmCommand = (hostname: string) =>
  ['scontrol', 'show', 'node', hostname.split('.', 1)[0] ?? hostname, '--oneliner'] as const;

/** This node's partitions as one label, and its state where Slurm gives it no work; absent where there is no Slurm, or this machine is none of its nodes. */
export async function readSlurmLabels(access: HostAccess, hostname: string): Promise<Outcome<Labels>> {
  const command = slurmCommand(hostname);
  const result = await access.run([...command], runLimits);
  const ended = runFailure(command[0], result);
  if (ended !== null) return ended.state === 'absent' ? { state: 'absent', failure: null } : ended;
  const said = quote(result.stderr || result.stdout);
  if (/not found/i.test(said)) return { state: 'absent', failure: null };
  const partitions = parseSlurmPartitions(result.stdout);
  if (partitions === null || result.exitCode !== 0) return failed('unknown-error', `scontrol says: ${said}`);
  const value = partitions.join(',').slice(0, longestHostLabelValue);
  const outOfService = parseSlurmOutOfService(result.stdout);
  return {
    state: 'ok',
    value: {
      ...(value === '' ? {} : { 'slurm-partition': value }),
      // The hub keeps alerts of such a host quiet.
      ...(outOfService === null ? {} : { 'slurm-state': outOfService }),
    },
  };
}
