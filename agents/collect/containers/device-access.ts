import {
  cgroupPathOf,
  type DeviceNode,
  deniedNodes,
  nvidiaNode,
  parseDeviceAllow,
  parseDeviceList,
  parseMajors,
} from '../../../lib/host-facts/index.ts';
import type { AskedGrant, DeviceAccess, Gpu } from '../../../lib/model/index.ts';
import { resolveGrant } from '../../../lib/owners/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { concurrently } from '../concurrently.ts';
import { createPacer } from '../pacer.ts';

/** A running container that was given GPUs. */
export interface AccessTarget {
  readonly id: string;
  readonly pid: number | null;
  readonly asked: AskedGrant;
}

/** Whether containers may still open the GPUs that they were given, read from outside. */
export interface DeviceAccesses {
  start(): Promise<void>;
  /** Null: not looked at. */
  of(id: string): DeviceAccess | null;
  stop(): Promise<void>;
}

export interface DeviceAccessOptions {
  readonly access: HostAccess;
  readonly targets: () => readonly AccessTarget[];
  readonly gpus: () => readonly Gpu[];
}

const intervalSeconds = 15;
const mostTargets = 200;
const limits = { maxBytes: 256 * 1024, deadlineSeconds: 1 };
const folderLimits = { maxEntries: 100, deadlineSeconds: 1 };
const units = '/run/systemd/transient';
const memoryNode = '/dev/nvidia-uvm';
/** NVIDIA's hook gives the node with the `compute` capability only; what a daemon-reload takes is never this one alone. */
const memoryReason =
  'all but /dev/nvidia-uvm is allowed, which is so from the start where NVIDIA_DRIVER_CAPABILITIES has no compute';

const unknown = (reason: string): DeviceAccess => ({ state: 'unknown', from: null, missing: [], reason });

export function createDeviceAccess({ access, targets, gpus }: DeviceAccessOptions): DeviceAccesses {
  let known: ReadonlyMap<string, DeviceAccess> = new Map();
  const textOf = async (path: string): Promise<string | null> => {
    const file = await access.readFile(path, limits);
    return file.outcome === 'read' ? file.text : null;
  };
  const pacer = createPacer(async () => {
    const asked = targets().slice(0, mostTargets);
    const found = new Map<string, DeviceAccess>();
    const majors = asked.length === 0 ? new Map() : parseMajors((await textOf('/proc/devices')) ?? '');
    // Once for all of them: each is a merge of all that is known of the GPUs.
    const present = asked.length === 0 ? [] : gpus();
    await concurrently(asked, 4, async (target) => {
      const nodes = nodesOf(target.asked, present, majors);
      found.set(target.id, await look(textOf, access, { target, nodes, majors }));
    });
    known = found;
    return intervalSeconds;
  });
  return { start: () => pacer.start(), of: (id) => known.get(id) ?? null, stop: () => pacer.stop() };
}

/** What it must be able to open. */
function nodesOf(asked: AskedGrant, gpus: readonly Gpu[], majors: ReadonlyMap<string, number>): DeviceNode[] {
  const given = new Set(resolveGrant(asked, gpus).gpuUuids);
  const minors = gpus.flatMap(({ uuid, minorNumber }) =>
    uuid !== null && given.has(uuid) && minorNumber !== null ? [minorNumber] : [],
  );
  const paths = ['/dev/nvidiactl', ...minors.map((minor) => `/dev/nvidia${minor}`), memoryNode];
  return paths.flatMap((path) => nvidiaNode(path, majors) ?? []);
}

interface Look {
  readonly target: AccessTarget;
  readonly nodes: readonly DeviceNode[];
  readonly majors: ReadonlyMap<string, number>;
}

async function look(
  textOf: (path: string) => Promise<string | null>,
  access: HostAccess,
  { target, nodes, majors }: Look,
): Promise<DeviceAccess> {
  if (target.pid === null) return unknown('its engine does not tell which process it is');
  const cgroup = await textOf(`/proc/${target.pid}/cgroup`);
  if (cgroup === null) return unknown('the cgroup of its process cannot be read');
  const missingOf = (rules: ReturnType<typeof parseDeviceList>): string[] =>
    deniedNodes(rules, nodes).map(({ path }) => path);
  const path = cgroupPathOf(cgroup, 'devices');
  if (path !== null) {
    const list = await textOf(`/sys/fs/cgroup/devices${path}/devices.list`);
    if (list === null) return unknown('its devices.list cannot be read');
    const missing = missingOf(parseDeviceList(list));
    if (missing.every((node) => node === memoryNode) && missing.length > 0)
      return { ...unknown(memoryReason), from: 'cgroup-v1', missing };
    const state = missing.length === 0 ? 'allowed' : 'denied';
    return { state, from: 'cgroup-v1', missing, reason: null };
  }
  const unit = cgroupPathOf(cgroup, 'unified')
    ?.split('/')
    .findLast((segment) => segment.endsWith('.scope'));
  const allowed = unit === undefined ? null : await unitText(textOf, access, unit);
  if (allowed === null)
    return unknown('on cgroup v2 the kernel shows no device rules: only a program run inside could tell');
  const missing = missingOf(parseDeviceAllow(allowed, majors));
  if (missing.length === 0) return { state: 'allowed', from: 'systemd', missing: [], reason: null };
  return {
    ...unknown(
      'its systemd unit does not list its GPUs, so a systemctl daemon-reload takes them away; whether that happened only a program run inside could tell',
    ),
    from: 'systemd',
    missing,
  };
}

/** The drop-ins of a transient unit, where its runtime wrote what the container may open; null when there are none. */
async function unitText(
  textOf: (path: string) => Promise<string | null>,
  access: HostAccess,
  unit: string,
): Promise<string | null> {
  const folder = `${units}/${unit}.d`;
  const listed = await access.listFolder(folder, folderLimits);
  if (listed.outcome !== 'listed') return null;
  const files = listed.names.filter((name) => name.endsWith('.conf')).sort();
  const texts = await Promise.all(files.map((name) => textOf(`${folder}/${name}`)));
  const text = texts.filter((each) => each !== null).join('\n');
  return text.includes('DeviceAllow=') ? text : null;
}
