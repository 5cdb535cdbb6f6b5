/** A character device by its numbers. */
export interface DeviceNode {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

/** What a device cgroup lets its processes open; null for any number. */
export interface DeviceRule {
  readonly major: number | null;
  readonly minor: number | null;
}

const mostRules = 10_000;
const longestText = 1024 * 1024;
const numberOf = (text: string | undefined): number | null =>
  text === undefined || text === '*' ? null : Number(text);

/** Reads a cgroup v1 `devices.list`: `a *:* rwm`, `c 195:* rw`. Rules that do not let read and write are left out. Never throws. */
export function parseDeviceList(text: string): DeviceRule[] {
  return text
    .slice(0, longestText)
    .split('\n', mostRules)
    .flatMap((line) => {
      const [, major, minor, access = ''] =
        /^[ac] (\d{1,5}|\*):(\d{1,10}|\*) ([rwm]{1,3})$/.exec(line.trim()) ?? [];
      if (major === undefined || !access.includes('r') || !access.includes('w')) return [];
      return [{ major: numberOf(major), minor: numberOf(minor) }];
    });
}

/** Reads the `DeviceAllow=` lines of a systemd unit's drop-in. `majors` is of /proc/devices. Never throws. */
export function parseDeviceAllow(text: string, majors: ReadonlyMap<string, number>): DeviceRule[] {
  const rules: DeviceRule[] = [];
  for (const line of text.slice(0, longestText).split('\n', mostRules)) {
    const [, device, access = 'rwm'] =
      /^DeviceAllow=(\S{0,256})(?: ([rwm]{1,3}))?\s*$/.exec(line.trim()) ?? [];
    if (device === '') rules.length = 0;
    if (device === undefined || device === '' || !access.includes('r') || !access.includes('w')) continue;
    rules.push(...rulesOf(device, majors));
  }
  return rules;
}

/** `/dev/char/195:0`, `/dev/nvidia0`, `char-195`, `char-nvidia*`. */
function rulesOf(device: string, majors: ReadonlyMap<string, number>): DeviceRule[] {
  const [, major, minor] = /^\/dev\/char\/(\d{1,5}):(\d{1,10})$/.exec(device) ?? [];
  if (major !== undefined) return [{ major: Number(major), minor: Number(minor) }];
  const node = nvidiaNode(device, majors);
  if (node !== null) return [node];
  const group = /^char-(.{1,100})$/.exec(device)?.[1];
  if (group === undefined) return [];
  if (/^\d{1,5}$/.test(group)) return [{ major: Number(group), minor: null }];
  const isIt = (name: string): boolean =>
    group.endsWith('*') ? name.startsWith(group.slice(0, -1)) : name === group;
  return [...majors].flatMap(([name, number]) => (isIt(name) ? [{ major: number, minor: null }] : []));
}

/** NVIDIA's own number, the same on every Linux. */
const nvidiaMajor = 195;
const controlMinor = 255;

/** The node's numbers; null where the path is none of NVIDIA's, or its driver has no number here. */
export function nvidiaNode(path: string, majors: ReadonlyMap<string, number>): DeviceNode | null {
  if (path === '/dev/nvidiactl') return { path, major: nvidiaMajor, minor: controlMinor };
  const minor = /^\/dev\/nvidia(\d{1,5})$/.exec(path)?.[1];
  if (minor !== undefined) return { path, major: nvidiaMajor, minor: Number(minor) };
  const major = path === '/dev/nvidia-uvm' ? majors.get('nvidia-uvm') : undefined;
  return major === undefined ? null : { path, major, minor: 0 };
}

/** Character devices of /proc/devices, number by name. Never throws. */
export function parseMajors(text: string): ReadonlyMap<string, number> {
  const characters = text.slice(0, longestText).split(/^Block devices:/m, 1)[0] ?? '';
  const found = characters.matchAll(/^\s*(\d{1,5}) (\S{1,100})$/gm);
  return new Map([...found].map(([, number, name]) => [name ?? '', Number(number)]));
}

/** Of these nodes, the ones that no rule lets a process open. */
export function deniedNodes(rules: readonly DeviceRule[], nodes: readonly DeviceNode[]): DeviceNode[] {
  const allows = (rule: DeviceRule, node: DeviceNode): boolean =>
    (rule.major === null || rule.major === node.major) && (rule.minor === null || rule.minor === node.minor);
  return nodes.filter((node) => !rules.some((rule) => allows(rule, node)));
}
