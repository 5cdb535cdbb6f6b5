import { readProto, writeProto } from '../../../../lib/host-facts/index.ts';
import type { AskedGrant } from '../../../../lib/model/index.ts';
import type { HostAccess } from '../../../access/host-access.ts';
import type { Outcome } from '../../source.ts';
import { withGrpc } from './call.ts';

export interface KubernetesContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

const keyOf = ({ namespace, pod, container }: KubernetesContainer): string =>
  `${namespace}/${pod}/${container}`;
const ofNvidia = /^nvidia\.com\//;

/** Which GPUs the kubelet gave to which container: v1 of its pod-resources API. */
export async function readPodResources(
  access: HostAccess,
  socketPath: string,
): Promise<Outcome<ReadonlyMap<string, AskedGrant>>> {
  return withGrpc(access, socketPath, async (client) => {
    const answer = await client.call('v1.PodResourcesLister/List', writeProto([]));
    return answer.state === 'ok' ? { state: 'ok', value: parsePodResources(answer.value) } : answer;
  });
}

/** By `grantKey`. Never throws. */
export function parsePodResources(bytes: Uint8Array): ReadonlyMap<string, AskedGrant> {
  const grants = new Map<string, AskedGrant>();
  for (const pod of readProto(bytes).messages(1))
    for (const container of pod.messages(3)) {
      const devices = container
        .messages(2)
        .flatMap((device) => (ofNvidia.test(device.text(1) ?? '') ? device.texts(2) : []));
      if (devices.length === 0) continue;
      const [namespace, name] = [pod.text(2) ?? '', pod.text(1) ?? ''];
      grants.set(keyOf({ namespace, pod: name, container: container.text(1) ?? '' }), {
        ...{ by: 'kubernetes', all: false, count: null },
        devices: devices.slice(0, 256).map((device) => device.slice(0, 256)),
      });
    }
  return grants;
}

export const grantKey = keyOf;
