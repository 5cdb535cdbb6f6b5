import type { Fact, SmiFacts, SmiGpuFacts } from '../../lib/doctor/index.ts';
import type { Report, ReportedGpu } from '../../lib/model/index.ts';
import type { HostAccess, RunResult } from '../access/host-access.ts';
import { readDocument, usualPlaces } from '../collect/gpus/read.ts';
import { absent, checkSeconds, known, notKnown } from './ask.ts';

const maxOutputBytes = 16 * 1024 * 1024;

type TellingGpu = Pick<ReportedGpu, Exclude<keyof SmiGpuFacts, 'migUuids'>> & Pick<ReportedGpu, 'migDevices'>;

const factsOf = (gpu: TellingGpu): SmiGpuFacts => ({
  uuid: gpu.uuid,
  index: gpu.index,
  name: gpu.name,
  pciBusId: gpu.pciBusId,
  minorNumber: gpu.minorNumber,
  persistenceMode: gpu.persistenceMode,
  fabric: gpu.fabric,
  state: gpu.state,
  migUuids: gpu.migDevices.flatMap(({ uuid }) => uuid ?? []),
});

/** Asks nvidia-smi once: for a command that is run by hand. */
export async function askSmi(access: HostAccess, givenPath: string | null): Promise<Fact<SmiFacts>> {
  const limits = { deadlineSeconds: checkSeconds - 0.3, maxOutputBytes };
  let found: { readonly path: string; readonly result: RunResult } | null = null;
  for (const path of givenPath === null ? usualPlaces : [givenPath]) {
    const result = await access.run([path, '-q', '-x'], limits);
    if (result.outcome === 'not-found') continue;
    found = { path, result };
    break;
  }
  if (found === null) return absent(givenPath ?? 'nvidia-smi');
  const from = `${found.path} -q -x`;
  const outcome = readDocument(found.path, found.result);
  if (outcome.state !== 'ok') return known(from, { failure: outcome.failure, driverVersion: null, gpus: [] });
  const { failure, driverVersion, gpus } = outcome.value;
  return known(from, {
    failure,
    driverVersion,
    gpus: gpus.map(({ gpu, state }) => factsOf({ ...gpu, state })),
  });
}

/** What the collector knows already: the agent asks nvidia-smi no second time. */
export function smiOfReport(
  report: Pick<Report, 'condition' | 'failure' | 'stack' | 'gpus'>,
): Fact<SmiFacts> {
  const from = 'nvidia-smi';
  if (report.condition === 'paused')
    return notKnown(from, 'the agent is paused and asks nothing of the driver');
  if (report.condition === 'starting') return notKnown(from, 'it has not answered yet');
  if (report.condition === 'no-nvidia-smi') return absent(from);
  return known(from, {
    failure: report.failure,
    driverVersion: report.stack.driverVersion,
    gpus: report.gpus.map(factsOf),
  });
}
