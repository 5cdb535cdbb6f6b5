import type { Failure, Problem } from '../model/index.ts';
import { parseFailure } from './failure.ts';
import { mostGpus } from './limits.ts';
import { numberIn } from './narrow.ts';
import { plainText } from './plain-text.ts';
import { createProblemLog, type ProblemLog } from './problems.ts';
import { type Label, readLabels, type Section } from './text/labels.ts';
import { isAbsent, readValue, type ValueKind } from './values.ts';

/** A virtual GPU that runs on a GPU. */
export interface Vgpu {
  /** As printed; null when not told. */
  readonly id: string | null;
  /** `GRID P4-2Q` */
  readonly type: string | null;
  readonly uuid: string | null;
  readonly machineName: string | null;
  readonly machineUuid: string | null;
  readonly guestDriverVersion: string | null;
  readonly licenseStatus: string | null;
  readonly gpuRatio: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
}

export interface VgpuGpu {
  readonly index: number | null;
  readonly pciBusId: string | null;
  readonly name: string | null;
  readonly gpuRatio: number | null;
  /** Types that it supports or, for `-c`, can still make. */
  readonly types: readonly string[];
  readonly vgpus: readonly Vgpu[];
}

export interface VgpuLicense {
  readonly product: string | null;
  /** `Licensed`, `Unlicensed`, `Unlicensed (Restricted)`. */
  readonly status: string | null;
}

/** What `nvidia-smi vgpu` printed, with or without `-q`, `-s`, `-c`; or the licence of a guest's `-q`. */
export interface SmiVgpu {
  readonly driverVersion: string | null;
  readonly gpus: readonly VgpuGpu[];
  readonly licenses: readonly VgpuLicense[];
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

const mostItems = 4096;
const busId = '[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\\.[0-9A-Fa-f]';
const gpuLine = new RegExp(`^GPU (${busId})$`);
const versionRow = /^\|\s*NVIDIA-SMI \S+\s+(?:Driver|KMD) Version:\s*(\d[\d.]{0,30})/;
const gpuRow = new RegExp(
  `^\\|\\s*(\\d{1,4})\\s+(\\S[^|]{0,100}?)\\s*\\|\\s*(${busId})\\s*\\|\\s*(\\S+)\\s*\\|$`,
);
const vgpuRow =
  /^\|\s*(\d{5,20})\s+(\S[^|]{0,100}?)\s*\|\s*(\S{1,64})(?:\s+([^|]{1,100}?))?\s*\|\s*(\S+)\s*\|$/;
const licensedProduct = 'vGPU Software Licensed Product';
/** Of the names of types: at least a family and a size. */
const typeName = /^(?:GRID|NVIDIA|MIG|Tesla|Quadro)\b[\w .+-]{2,60}$/;

/** Whether a text is one of `nvidia-smi vgpu`, or tells of a vGPU licence and nothing else. */
export function isVgpuText(text: string): boolean {
  const beginning = plainText(text.slice(0, 65_536));
  if (/^\|\s*vGPU ID\s+/m.test(beginning)) return true;
  const [first = '', second = ''] = beginning
    .split('\n', 40)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (first === licensedProduct || first === `${licensedProduct}s`) return true;
  if (!gpuLine.test(first)) return false;
  return typeName.test(second) || /^(?:Active vGPUs|vGPU ID)\s+:/.test(second);
}

/** Reads what `nvidia-smi vgpu` printed. Never throws. */
export function parseSmiVgpu(text: string): SmiVgpu {
  const problems = createProblemLog();
  const plain = plainText(text);
  const table = /^[ \t]{0,40}\|/m.test(plain);
  const read = table ? readTable(plain, problems) : readTree(plain, problems);
  const isNothing = read.gpus.length + read.licenses.length === 0;
  return { ...read, problems: problems.list, failure: isNothing ? parseFailure(text, null) : null };
}

type Told = Pick<SmiVgpu, 'driverVersion' | 'gpus' | 'licenses'>;

function readTable(text: string, problems: ProblemLog): Told {
  const gpus: (VgpuGpu & { vgpus: Vgpu[] })[] = [];
  let driverVersion: string | null = null;
  for (const raw of text.split('\n', 20_000)) {
    const line = raw.trim();
    if (line.length > 1024) continue;
    driverVersion ??= versionRow.exec(line)?.[1] ?? null;
    const [, index, name = '', bus, load] = gpuRow.exec(line) ?? [];
    if (index !== undefined && bus !== undefined && gpus.length < mostGpus) {
      const gpuRatio = printedNumber(load, 'ratio', 'table', problems);
      gpus.push({ index: Number(index), pciBusId: bus, name, gpuRatio, types: [], vgpus: [] });
      continue;
    }
    const [, id, type = null, machineUuid, machineName, share] = vgpuRow.exec(line) ?? [];
    const gpu = gpus.at(-1);
    if (id === undefined || gpu === undefined || gpu.vgpus.length >= mostItems) continue;
    gpu.vgpus.push({
      ...noVgpu,
      id,
      type,
      machineUuid: presentText(machineUuid),
      machineName: presentText(machineName),
      gpuRatio: printedNumber(share, 'ratio', 'table', problems),
    });
  }
  return { driverVersion, gpus, licenses: [] };
}

const noVgpu: Vgpu = {
  id: null,
  type: null,
  uuid: null,
  machineName: null,
  machineUuid: null,
  guestDriverVersion: null,
  licenseStatus: null,
  gpuRatio: null,
  memoryTotalBytes: null,
  memoryUsedBytes: null,
};

function readTree(text: string, problems: ProblemLog): Told {
  const gpus: VgpuGpu[] = [];
  const licenses: VgpuLicense[] = [];
  for (const section of readLabels(text).sections) {
    if (section.label.startsWith(licensedProduct)) licenses.push(licenseOf(section));
    const bus = gpuLine.exec(section.label)?.[1];
    if (bus === undefined || gpus.length >= mostGpus) continue;
    const groups = section.children.filter(({ label }) => label === 'vGPU ID').slice(0, mostItems);
    const types = section.children.filter(({ label, value }) => value === null && typeName.test(label));
    gpus.push({
      index: null,
      pciBusId: bus,
      name: null,
      gpuRatio: null,
      types: types.slice(0, mostItems).map(({ label }) => label),
      vgpus: groups.map((group) => vgpuOf(group, problems)),
    });
  }
  return { driverVersion: null, gpus, licenses };
}

function licenseOf(section: Section): VgpuLicense {
  const value = (name: string) =>
    presentText(section.children.find(({ label }) => label === name)?.value ?? undefined);
  return { product: value('Product Name'), status: value('License Status') };
}

function vgpuOf(group: Label, problems: ProblemLog): Vgpu {
  const find = (...path: readonly string[]): string | undefined => {
    let at: Label | undefined = group;
    for (const name of path) at = at?.children.find(({ label }) => label === name);
    return at?.value ?? undefined;
  };
  const number = (as: ValueKind, ...path: readonly string[]) =>
    printedNumber(find(...path), as, path.join('/'), problems);
  return {
    id: group.value,
    type: presentText(find('vGPU Name')),
    uuid: presentText(find('vGPU UUID')),
    machineName: presentText(find('VM Name')),
    machineUuid: presentText(find('VM UUID') ?? find('VM ID')),
    guestDriverVersion: presentText(find('Guest Driver Version')),
    licenseStatus: presentText(find('License Status')),
    gpuRatio: number('ratio', 'Utilization', 'Gpu') ?? number('ratio', 'Utilization', 'GPU'),
    memoryTotalBytes: number('bytes', 'FB Memory Usage', 'Total'),
    memoryUsedBytes: number('bytes', 'FB Memory Usage', 'Used'),
  };
}

function presentText(text: string | undefined): string | null {
  return text === undefined || isAbsent(text) ? null : text.slice(0, 256);
}

function printedNumber(
  text: string | undefined,
  as: ValueKind,
  field: string,
  problems: ProblemLog,
): number | null {
  if (text === undefined) return null;
  const reading = readValue(text, as);
  if (reading.kind === 'unrecognised') problems.add(`vgpu:${field}`, text, reading.message);
  return numberIn(reading);
}
