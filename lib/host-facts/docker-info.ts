import { type JsonObject, jsonObject } from './json.ts';

/** What `docker info` tells of how containers get their GPUs. */
export interface DockerInfo {
  readonly dockerVersion: string | null;
  /** Names of the registered runtimes, in the order told. */
  readonly runtimes: readonly string[];
  readonly defaultRuntime: string | null;
  readonly cgroupDriver: string | null;
  readonly cgroupVersion: string | null;
  /** Where CDI specs are looked for; empty when CDI is off or not told. */
  readonly cdiSpecDirectories: readonly string[];
  /** `nvidia.com/gpu=all` …, from Docker 28.2 on. */
  readonly cdiDevices: readonly string[];
  readonly kernelVersion: string | null;
  readonly osName: string | null;
  readonly warnings: readonly string[];
}

const most = 1000;
const longest = 1024;
const longestText = 262_144;

/** Whether a text is some of what `docker info` prints. */
export const isDockerInfo = (text: string): boolean =>
  /^ {0,12}(?:Runtimes|Default Runtime|Server Version|CDI spec directories):/m.test(text.slice(0, 65_536));

/** Reads `docker info`, whole or some of its lines. Never throws. */
export function parseDockerInfo(text: string): DockerInfo {
  const lines = text.slice(0, longestText).replaceAll('\r', '').split('\n');
  const after = (name: string): string | null => {
    const line = lines.find((each) => each.trimStart().startsWith(`${name}:`));
    return (
      line
        ?.slice(line.indexOf(':') + 1)
        .trim()
        .slice(0, longest) || null
    );
  };
  const block = (name: string): string[] => {
    const start = lines.findIndex((each) => each.trim() === `${name}:`);
    if (start < 0) return [];
    const depth = indentOf(lines[start] ?? '');
    const end = lines.findIndex((each, at) => at > start && indentOf(each) <= depth);
    const items = lines.slice(start + 1, end < 0 ? lines.length : end).map((each) => each.trim());
    return items.filter((item) => item !== '').slice(0, most);
  };
  return {
    dockerVersion: after('Server Version'),
    runtimes: (after('Runtimes') ?? '').split(/\s+/, most).filter((name) => name !== ''),
    defaultRuntime: after('Default Runtime'),
    cgroupDriver: after('Cgroup Driver'),
    cgroupVersion: after('Cgroup Version'),
    cdiSpecDirectories: block('CDI spec directories'),
    cdiDevices: block('Discovered Devices').flatMap((item) => /^cdi: (\S{1,512})$/.exec(item)?.[1] ?? []),
    kernelVersion: after('Kernel Version'),
    osName: after('Operating System'),
    warnings: lines
      .filter((line) => line.startsWith('WARNING: '))
      .slice(0, 100)
      .map((line) => line.slice('WARNING: '.length, longest)),
  };
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Null when the value is not the answer to GET /info (or `docker info --format '{{json .}}'`). Never throws. */
export function parseDockerInfoAnswer(value: unknown): DockerInfo | null {
  const info = jsonObject(value);
  if (info === null || (!info.has('Runtimes') && !info.has('DefaultRuntime'))) return null;
  const text = (key: string): string | null => info.text(key)?.slice(0, longest) ?? null;
  return {
    dockerVersion: text('ServerVersion'),
    runtimes: (info.object('Runtimes')?.entries() ?? []).slice(0, most).map(([name]) => name),
    defaultRuntime: text('DefaultRuntime'),
    cgroupDriver: text('CgroupDriver'),
    cgroupVersion: text('CgroupVersion'),
    cdiSpecDirectories: info.texts('CDISpecDirs').slice(0, most),
    cdiDevices: discoveredOf(info),
    kernelVersion: text('KernelVersion'),
    osName: text('OperatingSystem'),
    warnings: info.texts('Warnings').slice(0, 100),
  };
}

/** `DiscoveredDevices: [{"Source": "cdi", "ID": "nvidia.com/gpu=all"}]` */
function discoveredOf(info: JsonObject): string[] {
  const list = info.entries().find(([key]) => key === 'DiscoveredDevices')?.[1];
  if (!Array.isArray(list)) return [];
  return list.slice(0, most).flatMap((each: unknown) => {
    const device = jsonObject(each);
    const id = device?.text('Source') === 'cdi' ? (device.text('ID') ?? null) : null;
    return id === null ? [] : [id];
  });
}
