import type { AskedGrant, Container } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { createPacer } from '../pacer.ts';
import type { Source } from '../source.ts';
import { grantKey, readPodResources } from './grpc/pod-resources.ts';

/** What the kubelet gave to which container. */
export interface KubeletGrants {
  start(): Promise<void>;
  /** Null: it gave no GPU, or nobody tells. */
  of(container: Pick<Container, 'namespace' | 'pod' | 'labels'>): AskedGrant | null;
  stop(): Promise<void>;
}

const intervalSeconds = 15;
const absentSeconds = 60;

export function createKubeletGrants(
  access: HostAccess,
  socketPath: string | null,
  source: Source,
): KubeletGrants {
  let grants: ReadonlyMap<string, AskedGrant> = new Map();
  const pacer = createPacer(async () => {
    if (socketPath === null) return 3600;
    const outcome = await source.measure(socketPath, () => readPodResources(access, socketPath));
    grants = outcome.state === 'ok' ? outcome.value : new Map();
    return outcome.state === 'absent' ? absentSeconds : intervalSeconds;
  });
  return {
    start: () => pacer.start(),
    of({ namespace, pod, labels }) {
      const container = labels['io.kubernetes.container.name'] ?? null;
      if (namespace === null || pod === null || container === null) return null;
      return grants.get(grantKey({ namespace, pod, container })) ?? null;
    },
    stop: () => pacer.stop(),
  };
}
