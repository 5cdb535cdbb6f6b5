import {
  type Container,
  type ContainerGrant,
  type GrantFinding,
  type ReportedGpu,
  toldProcesses,
} from '../model/index.ts';

type FoundIn = Pick<GrantFinding, 'kind' | 'severity' | 'text' | 'fix'> & {
  readonly gpuUuid?: string | null;
  readonly others?: readonly string[];
};

const found = (container: Container, { gpuUuid = null, others = [], ...rest }: FoundIn): GrantFinding => ({
  ...rest,
  containerId: container.id,
  otherContainerIds: others,
  gpuUuid,
});

const nameOf = ({ name, id }: Container): string => name ?? id.slice(0, 12);

/** What the GPUs of a report are called on this page, and whether their processes are known now. */
interface Known {
  readonly gpus: ReadonlyMap<string, ReportedGpu>;
  readonly label: (uuid: string) => string;
}

/** What is odd about what containers were given and what they use, of one report. Pure; the worst first. */
export function grantFindings(
  containers: readonly Container[],
  gpus: readonly ReportedGpu[],
): GrantFinding[] {
  const byUuid = new Map(gpus.flatMap((gpu) => (gpu.uuid === null ? [] : [[gpu.uuid, gpu] as const])));
  const known: Known = {
    gpus: byUuid,
    label: (uuid) => {
      const index = byUuid.get(uuid)?.index ?? null;
      return index === null ? uuid : `GPU ${index}`;
    },
  };
  const running = containers.filter(({ state }) => state === null || state === 'running');
  return [
    ...running.flatMap(lostAccess),
    ...running.flatMap((container) => lostGpus(container, known)),
    ...running.flatMap((container) => usedNotGranted(container, known)),
    ...running.flatMap((container) => grantedIdle(container, known)),
    ...grantedTwice(running, known),
  ];
}

const accessFix =
  'Restart the container to get them back. To keep them, let the runtime know the devices: inject the GPUs by CDI ' +
  '(--device nvidia.com/gpu=…), or add --device /dev/nvidiactl --device /dev/nvidia-uvm --device /dev/nvidiaN to how ' +
  'it is started, or use the cgroupfs driver.';

function lostAccess(container: Container): GrantFinding[] {
  const { deviceAccess } = container;
  if (deviceAccess?.state !== 'denied') return [];
  const text = `${nameOf(container)} was given GPUs, and its device cgroup does not allow ${deviceAccess.missing.join(', ')}: new CUDA programs in it fail with "Failed to initialize NVML: Unknown Error". A systemctl daemon-reload does this.`;
  return [found(container, { kind: 'device-access-lost', severity: 'critical', text, fix: accessFix })];
}

function lostGpus(container: Container, { gpus, label }: Known): GrantFinding[] {
  return (container.grant?.gpuUuids ?? []).flatMap((gpuUuid) => {
    if (gpus.get(gpuUuid)?.state !== 'lost') return [];
    return found(container, {
      kind: 'granted-lost-gpu',
      severity: 'critical',
      gpuUuid,
      text: `${nameOf(container)} was given ${label(gpuUuid)}, which is lost.`,
      fix: 'Nothing in the container can mend it: bring the GPU back first, then start the container again.',
    });
  });
}

/** By none in particular: older agents do not say which GPUs a count gave. */
const namesAll = ({ all, count, gpuUuids }: ContainerGrant): boolean =>
  all || (count !== null && gpuUuids.length === 0);

/** Only where the engine told all that it gave: a privileged container, or words that fit no GPU, prove nothing. */
function usedNotGranted(container: Container, { label }: Known): GrantFinding[] {
  const { grant, start } = container;
  if (container.runtime !== 'docker' || grant === undefined || container.name === null) return [];
  if (start?.isPrivileged !== false) return [];
  if (grant !== null && (grant.all || grant.count !== null || grant.unresolved.length > 0)) return [];
  const used = [...new Set(container.gpus.map(({ gpuUuid }) => gpuUuid))];
  return used.flatMap((gpuUuid) => {
    if (grant?.gpuUuids.includes(gpuUuid) === true) return [];
    return found(container, {
      kind: 'used-not-granted',
      severity: 'warning',
      gpuUuid,
      text: `${nameOf(container)} uses ${label(gpuUuid)}, which Docker was not asked to give it.`,
      fix: 'See how it came by the device: a default runtime that gives GPUs to all, a device rule, or another name for it. Start it with --gpus and just what it needs.',
    });
  });
}

const isReadable = (gpu: ReportedGpu | undefined): boolean => gpu !== undefined && toldProcesses(gpu);

function grantedIdle(container: Container, { gpus, label }: Known): GrantFinding[] {
  const { grant } = container;
  if (grant === null || grant === undefined || container.state !== 'running') return [];
  const used = new Set(container.gpus.map(({ gpuUuid }) => gpuUuid));
  const isNone = used.size === 0;
  if (namesAll(grant) && (gpus.size === 0 || ![...gpus.values()].every(isReadable))) return [];
  const idle = grant.gpuUuids.filter((uuid) => !used.has(uuid) && isReadable(gpus.get(uuid)));
  if (namesAll(grant) && !isNone) return [];
  if (!namesAll(grant) && idle.length === 0) return [];
  const given = grant.all
    ? 'every GPU'
    : grant.count !== null
      ? `${grant.count} ${grant.count === 1 ? 'GPU' : 'GPUs'}`
      : idle.map(label).join(', ');
  const [only] = idle;
  return [
    found(container, {
      kind: 'granted-idle',
      severity: 'info',
      gpuUuid: idle.length === 1 && only !== undefined ? only : null,
      text: `${nameOf(container)} was given ${given} and runs nothing there now.`,
      fix: null,
    }),
  ];
}

/** Who was given every GPU was not given this one in particular. */
function grantedTwice(containers: readonly Container[], { label }: Known): GrantFinding[] {
  const holders = new Map<string, Container[]>();
  for (const container of containers) {
    const { grant } = container;
    if (grant === null || grant === undefined || namesAll(grant)) continue;
    for (const place of placesOf(grant)) holders.set(place, [...(holders.get(place) ?? []), container]);
  }
  return [...holders].flatMap(([place, sharing]) => {
    const [first, ...others] = sharing;
    if (first === undefined || others.length === 0) return [];
    const [gpuUuid = '', instance] = place.split(' ');
    const what = instance === undefined ? label(gpuUuid) : `MIG instance ${instance} of ${label(gpuUuid)}`;
    return found(first, {
      kind: 'granted-twice',
      severity: 'info',
      gpuUuid,
      others: others.map(({ id }) => id),
      text: `${what} was given to ${sharing.map(nameOf).join(', ')}.`,
      fix: null,
    });
  });
}

/** Whole GPUs, and instances by their own. */
function placesOf({ gpuUuids, instances }: ContainerGrant): string[] {
  const split = new Set(instances.map(({ gpuUuid }) => gpuUuid));
  return [
    ...gpuUuids.filter((uuid) => !split.has(uuid)),
    ...instances.map(({ gpuUuid, gpuInstanceId, computeInstanceId }) =>
      computeInstanceId === null
        ? `${gpuUuid} ${gpuInstanceId}`
        : `${gpuUuid} ${gpuInstanceId}/${computeInstanceId}`,
    ),
  ];
}
