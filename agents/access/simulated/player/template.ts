import { childOf, parseXml, type XmlDocument, type XmlElement } from './tree.ts';

export interface TemplateMigDevice {
  readonly element: XmlElement;
  readonly index: number;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
}

/** A process as recorded. */
export interface PlayedProcess {
  readonly pid: number;
  readonly type: string;
  readonly name: string;
  /** Null is printed as N/A. */
  readonly usedMemoryMiB: number | null;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
  /** For pmon; null is printed as `-`. */
  readonly smPercent: number | null;
  readonly memPercent?: number | null | undefined;
  readonly encPercent?: number | null;
  readonly decPercent?: number | null;
}

export interface TemplateGpu {
  readonly element: XmlElement;
  /** Leaves and groups by their path below the GPU: `utilization/gpu_util`. Lists (clocks, processes, MIG) are left out. */
  readonly byPath: ReadonlyMap<string, XmlElement>;
  readonly migDevices: readonly TemplateMigDevice[];
  readonly processes: readonly PlayedProcess[];
}

/** A recorded `nvidia-smi -q -x`, ready to be played; shared by all hosts that play it. */
export interface Template {
  readonly document: XmlDocument;
  /** Elements beside the GPUs, by name: timestamp, driver_version, cuda_version, attached_gpus … */
  readonly heads: ReadonlyMap<string, XmlElement>;
  readonly driverVersion: string | null;
  /** 580 of 580.105.08; 0 when the document does not tell. */
  readonly branch: number;
  readonly cudaVersion: string | null;
  readonly gpus: readonly TemplateGpu[];
  /** `-L` of the same host: MIG profile and uuid by GPU and device index. */
  readonly migNames: ReadonlyMap<string, { readonly profile: string; readonly uuid: string }>;
}

const lists = new Set(['supported_clocks', 'processes', 'accounted_processes', 'mig_devices']);

function indexPaths(element: XmlElement, prefix: string, into: Map<string, XmlElement>): void {
  for (const child of element.children) {
    const path = prefix === '' ? child.name : `${prefix}/${child.name}`;
    if (!into.has(path)) into.set(path, child);
    if (!lists.has(child.name)) indexPaths(child, path, into);
  }
}

/** The number that a text starts with, or null: `81559 MiB`, `-5 C`, `16x`. */
export function leadingNumber(text: string | null | undefined): number | null {
  const match = /^-?\d+(?:\.\d+)?/.exec(text ?? '');
  return match === null ? null : Number(match[0]);
}

const numberIn = (element: XmlElement, name: string): number | null =>
  leadingNumber(childOf(element, name)?.text);

function processesOf(gpu: XmlElement): PlayedProcess[] {
  const processes = childOf(gpu, 'processes')?.children ?? [];
  return processes
    .filter((process) => process.name === 'process_info')
    .map((process) => ({
      pid: numberIn(process, 'pid') ?? 0,
      type: childOf(process, 'type')?.text ?? 'C',
      name: childOf(process, 'process_name')?.text ?? '',
      usedMemoryMiB: numberIn(process, 'used_memory'),
      gpuInstanceId: numberIn(process, 'gpu_instance_id'),
      computeInstanceId: numberIn(process, 'compute_instance_id'),
      smPercent: null,
    }));
}

function templateGpu(element: XmlElement): TemplateGpu {
  const byPath = new Map<string, XmlElement>();
  indexPaths(element, '', byPath);
  const devices = (childOf(element, 'mig_devices')?.children ?? []).filter(
    (child) => child.name === 'mig_device',
  );
  const migDevices = devices.map((device, position) => ({
    element: device,
    index: numberIn(device, 'index') ?? position,
    gpuInstanceId: numberIn(device, 'gpu_instance_id'),
    computeInstanceId: numberIn(device, 'compute_instance_id'),
  }));
  return { element, byPath, migDevices, processes: processesOf(element) };
}

function migNamesOf(listText: string): Map<string, { profile: string; uuid: string }> {
  const names = new Map<string, { profile: string; uuid: string }>();
  let gpu = -1;
  for (const line of listText.split('\n')) {
    const header = /^GPU (\d+):/.exec(line);
    if (header !== null) gpu = Number(header[1]);
    const device = /^\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (\S+?)\)/.exec(line);
    if (device?.[1] !== undefined && device[2] !== undefined && device[3] !== undefined)
      names.set(`${gpu}/${device[2]}`, { profile: device[1], uuid: device[3] });
  }
  return names;
}

/**
 * @param xmlText what `nvidia-smi -q -x` printed on the recorded host
 * @param listText what `nvidia-smi -L` printed there, for the MIG uuids, which the XML lacks
 * Throws an Error with one line when the XML is not complete.
 */
export function compileTemplate(xmlText: string, listText = ''): Template {
  const document = parseXml(xmlText);
  const heads = new Map<string, XmlElement>();
  for (const child of document.root.children) if (child.name !== 'gpu') heads.set(child.name, child);
  const driverVersion =
    (heads.get('kmd_version') ?? heads.get('driver_version'))?.text.match(/\d+\.[\d.]+/)?.[0] ?? null;
  return {
    document,
    heads,
    driverVersion,
    branch: Number.parseInt(driverVersion ?? '0', 10),
    cudaVersion:
      (heads.get('cuda_umd_version') ?? heads.get('cuda_version'))?.text.match(/^\d+\.\d+/)?.[0] ?? null,
    gpus: document.root.children.filter((child) => child.name === 'gpu').map(templateGpu),
    migNames: migNamesOf(listText),
  };
}
