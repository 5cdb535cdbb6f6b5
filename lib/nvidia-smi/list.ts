import type { Failure } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { mostGpus } from './limits.ts';
import { cutFailure, eachLine } from './plain-text.ts';
import { createProblemLog } from './problems.ts';
import type { SmiList, SmiListGpu, SmiListMigDevice } from './types.ts';
import { isAbsent } from './values.ts';

const longestLine = 4096;
const mostMigDevices = 64;
const gpuLine = /^GPU (\d{1,4}):\s*(.*?)\s*\(UUID:\s*([^()]+?)\)?$/;
const migLine = /^MIG\s+(\S+)\s+Device\s+(\d{1,4}):\s*\(UUID:\s*(MIG-[^()\s]+)\)?$/;
const oldMigUuid = /^MIG-GPU-[0-9a-fA-Fx-]+\/(\d{1,4})\/(\d{1,4})$/;
const uuidForm = /^GPU-[0-9A-Za-z]{8}-(?:[0-9A-Za-z]{4}-){3}[0-9A-Za-z]{12}$/;

/** Reads what `nvidia-smi -L` printed: GPUs and the MIG devices below each. Never throws. */
export function parseSmiList(text: string): SmiList {
  const problems = createProblemLog();
  const gpus: (Omit<SmiListGpu, 'migDevices'> & { migDevices: SmiListMigDevice[] })[] = [];
  let cut: Failure | null = null;
  for (const { text: raw, isEnded } of eachLine(text)) {
    const line = raw.trim();
    if (line === '' || gpus.length > mostGpus) continue;
    if (!isEnded && !line.endsWith(')') && parseFailure(line, null) === null) {
      cut = cutFailure('its last line has no end and was not read');
      continue;
    }
    if (line.length > longestLine) {
      problems.add('list:', line, `is a line of more than ${longestLine} characters`);
      continue;
    }
    const gpu = gpuLine.exec(line);
    if (gpu !== null) {
      const [, index, name, uuid] = gpu;
      const known = uuid !== undefined && uuidForm.test(uuid);
      if (!known) problems.add('list:uuid', line, 'has no uuid of a GPU');
      else if (!line.endsWith(')')) problems.add('list:uuid', line, 'ends early');
      const told = name === undefined || isAbsent(name) ? null : name;
      gpus.push({ index: Number(index), name: told, uuid: known ? uuid : null, migDevices: [] });
      continue;
    }
    const mig = migLine.exec(line);
    const parent = gpus.at(-1);
    if (mig !== null && parent !== undefined) {
      if (parent.migDevices.length < mostMigDevices) parent.migDevices.push(readMigDevice(mig));
    } else if (parseFailure(line, null) === null)
      problems.add('list:', line, 'is neither a GPU nor a MIG device');
  }
  return { gpus, problems: problems.list, failure: parseFailure(text, null) ?? cut };
}

function readMigDevice([, profile, index, uuid = '']: RegExpExecArray): SmiListMigDevice {
  const old = oldMigUuid.exec(uuid);
  return {
    index: Number(index),
    profile: profile ?? null,
    uuid,
    gpuInstanceId: old === null ? null : Number(old[1]),
    computeInstanceId: old === null ? null : Number(old[2]),
  };
}
