import type { Problem } from '../model/index.ts';
import { type BlockYaml, readBlockYaml, type YamlScalar } from './block-yaml.ts';
import { type DriverLibrary, driverLibraryOf, driverVersionOf } from './library-versions.ts';

export interface CdiDevice {
  /** `0`, `all`, a GPU's or MIG device's uuid. */
  readonly name: string;
  readonly deviceNodes: readonly string[];
}

/** A CDI specification: what a container runtime is told to put into a container that asks for one of the devices. */
export interface CdiSpec {
  readonly cdiVersion: string | null;
  /** Such as `nvidia.com/gpu`: devices are asked for as `nvidia.com/gpu=NAME`. */
  readonly cdiKind: string | null;
  readonly devices: readonly CdiDevice[];
  /** Device nodes that every device gets. */
  readonly deviceNodes: readonly string[];
  /** Host paths that are mounted, libraries and others. */
  readonly hostPaths: readonly string[];
  /** The driver's libraries among them that carry a version. */
  readonly libraries: readonly DriverLibrary[];
  /** The driver that the spec was made for: told by a hook, else by its libraries; null when they contradict. */
  readonly driverVersion: string | null;
  readonly problems: readonly Problem[];
}

const longestSpec = 4 * 1024 * 1024;
const mostDevices = 4096;
const mostPaths = 4096;
const hostDriver = /^--host-driver-version=(\d{1,4}(?:\.\d{1,5}){1,3})$/;

/** Reads a CDI spec, YAML as nvidia-ctk writes it or JSON. Never throws; at most 4 MiB are read. */
export function parseCdiSpec(text: string): CdiSpec {
  const cut = text.slice(0, longestSpec);
  const problems: Problem[] = [];
  if (text.length > longestSpec)
    problems.push({ field: 'cdi:', text: `${text.length} characters`, message: 'are more than is read' });
  const { scalars, unread } = cut.trimStart().startsWith('{') ? scalarsOfJson(cut) : readBlockYaml(cut);
  for (const each of unread)
    problems.push({ field: `cdi:line ${each.line}`, text: each.text, message: 'is not read' });
  return specOf(scalars, problems);
}

/** Whether a text looks like one, cheaply. */
export function isCdiSpec(text: string): boolean {
  return /(?:^|[{,\s])"?cdiVersion"?\s{0,4}:/.test(text.slice(0, 65_536));
}

function specOf(scalars: readonly YamlScalar[], problems: Problem[]): CdiSpec {
  const devices = new Map<number, { name: string | null; nodes: string[] }>();
  const common: string[] = [];
  const hostPaths = new Set<string>();
  let cdiVersion: string | null = null;
  let cdiKind: string | null = null;
  let toldDriver: string | null = null;
  for (const { path, value } of scalars) {
    const [first, second, third, fourth] = path;
    const last = path.at(-1);
    if (path.length === 1 && first === 'cdiVersion') cdiVersion ??= value.slice(0, 64);
    else if (path.length === 1 && first === 'kind') cdiKind ??= value.slice(0, 256);
    else if (last === 'hostPath' && hostPaths.size < mostPaths) hostPaths.add(value.slice(0, 4096));
    if (path.includes('args')) toldDriver ??= hostDriver.exec(value)?.[1] ?? null;
    if (first === 'containerEdits' && second === 'deviceNodes' && last === 'path') common.push(value);
    if (first !== 'devices' || typeof second !== 'number' || second >= mostDevices) continue;
    const device = devices.get(second) ?? { name: null, nodes: [] };
    devices.set(second, device);
    if (third === 'name' && path.length === 3) device.name = value.slice(0, 256);
    if (fourth === 'deviceNodes' && last === 'path') device.nodes.push(value.slice(0, 4096));
  }
  const libraries = [...hostPaths].map(driverLibraryOf).filter((library) => library !== null);
  if (cdiVersion === null) problems.push({ field: 'cdi:cdiVersion', text: '', message: 'is not there' });
  return {
    cdiVersion,
    cdiKind,
    devices: [...devices.values()].flatMap(({ name, nodes }) =>
      name === null ? [] : [{ name, deviceNodes: nodes }],
    ),
    deviceNodes: common.slice(0, mostPaths),
    hostPaths: [...hostPaths],
    libraries,
    driverVersion: toldDriver ?? driverVersionOf(libraries),
    problems,
  };
}

const deepestJson = 32;

function scalarsOfJson(text: string): BlockYaml {
  const scalars: YamlScalar[] = [];
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (path.length > deepestJson) return;
    if (Array.isArray(value)) for (const [at, each] of value.entries()) walk(each, [...path, at]);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) walk(each, [...path, key]);
    else if (value !== null) scalars.push({ path, value: String(value), line: 1 });
  };
  try {
    walk(JSON.parse(text), []);
    return { scalars, unread: [] };
  } catch {
    return { scalars: [], unread: [{ line: 1, text: text.slice(0, 200) }] };
  }
}
