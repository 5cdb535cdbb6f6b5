import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';
import { type CollectorOptions, type EnginePaths, usualEnginePaths } from '../options.ts';
import { createSource, type Source } from '../source.ts';
import { createEngineSources } from '../sources.ts';
import { createContainerd, createCrio } from './grpc/engine.ts';
import { type ContainersOptions, createContainers } from './index.ts';
import { createKubeletGrants, type KubeletGrants } from './kubelet.ts';
import { createRoster, type Roster, type RosterEngine } from './roster.ts';

export interface EnginesOptions {
  readonly access: HostAccess;
  readonly clock: Clock;
  readonly options: CollectorOptions;
  readonly dockerSocketPath: string | null;
  readonly dockerSource: Source;
  readonly injectionHost: NonNullable<ContainersOptions['injectionHost']>;
  /** One of the engines told of a container that is new, or otherwise than before. */
  readonly onChange: () => void;
}

/** systemd starts Podman's service for whoever asks, so it is left alone while nobody on a GPU is in one of its containers. */
const podmanSeconds = 60;
const ofKubernetes = ['kubernetes', 'unknown'];

/** Every engine that can be on a host, each on a loop of its own. */
export function createEngines(engines: EnginesOptions): {
  readonly roster: Roster;
  readonly kubelet: KubeletGrants;
  readonly kubeletSource: Source;
} {
  const { access, clock, options, dockerSocketPath, dockerSource, injectionHost, onChange } = engines;
  const { commandLines = true, environment = true, enginePaths: paths = usualEnginePaths } = options;
  const sources = createEngineSources(clock, paths);
  const common = { access, clock, commandLines, environment, injectionHost, onChange };
  const docker: RosterEngine = {
    ...{ title: 'Docker', runtimes: ['docker', ...ofKubernetes], uid: null, isOptional: false },
    socketPath: dockerSocketPath,
    status: () => dockerSource.status,
    containers: createContainers({ ...common, socketPath: dockerSocketPath, source: dockerSource }),
  };
  const optional = (
    title: string,
    name: Exclude<keyof EnginePaths, 'kubelet'>,
    runtimes: readonly string[],
    create: typeof createContainerd,
  ): RosterEngine => {
    const [socketPath, source] = [paths[name], sources[name]];
    const containers = create({ ...common, socketPath, source });
    return {
      title,
      runtimes,
      uid: null,
      isOptional: true,
      socketPath,
      status: () => source.status,
      containers,
    };
  };
  const podman = (socketPath: string | null, source: Source, uid: number | null): RosterEngine => ({
    ...{ title: 'Podman', runtimes: ['podman'], uid, isOptional: true, socketPath },
    status: () => source.status,
    containers: createContainers({
      ...common,
      ...{ socketPath, source, runtime: 'podman', intervalSeconds: podmanSeconds },
    }),
  });
  const roster = createRoster(
    [
      docker,
      optional('containerd', 'containerd', ['containerd', ...ofKubernetes], createContainerd),
      optional('CRI-O', 'crio', ['crio', ...ofKubernetes], createCrio),
      podman(paths.podman, sources.podman, null),
    ],
    (uid) => {
      const path = paths.podman === null ? null : `/run/user/${uid}/podman/podman.sock`;
      return podman(path, createSource('podman', path ?? 'not asked', clock), uid);
    },
  );
  const kubelet = createKubeletGrants(access, paths.kubelet, sources.kubelet);
  return { roster, kubelet, kubeletSource: sources.kubelet };
}
