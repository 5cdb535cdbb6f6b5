import { parseFailure } from './failure.ts';
import { createProblemLog } from './problems.ts';
import type { SmiVersion } from './types.ts';
import { isAbsent } from './values.ts';

type Named = 'smiVersion' | 'nvmlVersion' | 'driverVersion' | 'kernelDriverVersion' | 'cudaVersion';

/** From R610 on the old names stand there with a sentence in place of a version. */
const names: ReadonlyMap<string, readonly Named[]> = new Map([
  ['nvidia-smi version', ['smiVersion']],
  ['nvml version', ['nvmlVersion']],
  ['driver version', ['driverVersion']],
  ['cuda version', ['cudaVersion']],
  ['kmd version', ['kernelDriverVersion', 'driverVersion']],
  ['cuda umd version', ['cudaVersion']],
]);

const versionText = /^\d{1,5}(?:\.\d{1,5}){0,3}$/;

/** Reads what `nvidia-smi --version` printed. Never throws. */
export function parseSmiVersion(text: string): SmiVersion {
  const problems = createProblemLog();
  const told: Record<Named, string | null> = {
    smiVersion: null,
    nvmlVersion: null,
    driverVersion: null,
    kernelDriverVersion: null,
    cudaVersion: null,
  };
  for (const line of text.slice(0, 65_536).split('\n')) {
    if (line.length > 1024) continue;
    const match = /^\s*([A-Za-z -]+?)\s*:\s*(.*?)\s*$/.exec(line);
    const [, name = '', value = ''] = match ?? [];
    const fields = names.get(name.toLowerCase());
    if (fields === undefined || isAbsent(value) || /^deprecated/i.test(value)) continue;
    if (!versionText.test(value)) problems.add(`version:${name}`, value, 'is no version');
    else for (const field of fields) told[field] ??= value;
  }
  const nothing = Object.values(told).every((value) => value === null);
  return { ...told, problems: problems.list, failure: nothing ? parseFailure(text, null) : null };
}
