import { createGatedAccess } from '../../../agents/access/gate.ts';
import type { HostAccess } from '../../../agents/access/host-access.ts';
import { createCollector } from '../../../agents/collect/index.ts';
import { createDoctorKeeper } from '../../../agents/doctor/keeper.ts';
import {
  type Agent,
  createAgent,
  createCredentialMemory,
  createMemorySpool,
  type HubClient,
} from '../../../agents/report/index.ts';
import { createSoftwareKeeper } from '../../../agents/software/keeper.ts';
import { mostCaptureBytes } from '../../model/index.ts';
import type { ReadWishes, TakenAnswer } from './door.ts';

export const dockerSocketPath = '/var/run/docker.sock';
/** Where an agent looks unless it is told another place. */
const labelsPath = '/etc/gpufleet/labels.yaml';
const spoolBytes = 2 * 2 ** 20;
/** The wire's own credential is not asked for inside one process. */
const noCredential = 'gfa_in-this-process';

/** The agent's way to the hub, without a wire between. */
function clientOf({ push, capture }: ReadWishes): HubClient {
  const take = ({ path, body, contentType }: Parameters<HubClient['post']>[0]): Promise<TakenAnswer> => {
    if (path === '/api/v1/push') return push(body);
    const captureId = /^\/api\/v1\/captures\/([^/]+)$/.exec(path)?.[1];
    if (captureId === undefined) return Promise.resolve({ status: 404, body: '{}' });
    const sent = contentType === 'application/gzip' ? body : { message: body.toString('utf8') };
    return capture({ captureId: decodeURIComponent(captureId), sent });
  };
  return {
    url: 'this hub',
    isNear: true,
    async post(request) {
      const answer = await take(request);
      const contentType = answer.status < 400 ? 'application/json' : 'application/problem+json';
      return { ...answer, contentType, retryAfter: undefined };
    },
    getFile: () => Promise.reject(new Error('nothing is fetched over SSH')),
    close() {},
  };
}

/** The collector and the loop of an agent, in this process, over the connection. */
export function startReading(connected: HostAccess, hostname: string, wishes: ReadWishes): Agent {
  // One gate for all that opens a GPU, the doctor's programs too: a pause lets go of everything.
  const access = createGatedAccess(connected);
  const collector = createCollector(access, {
    intervalSeconds: wishes.intervalSeconds,
    dockerSocketPath,
    labels: { own: {}, path: labelsPath, hostname },
  });
  const doctor = createDoctorKeeper({ access, collector, dockerSocketPath });
  const credentialStore = createCredentialMemory();
  credentialStore.write(noCredential);
  const agent = createAgent({
    collector,
    doctor,
    software: createSoftwareKeeper({
      access,
      collector,
      dockerSocketPath,
      onChange: () => doctor.again(),
    }),
    takeCapture: async () => {
      const { takeCapture } = await import('../../../agents/capture/take-capture.ts');
      const wanted = { access, nvidiaSmiPath: null, dockerSocketPath, mostBytes: mostCaptureBytes };
      return (await takeCapture(wanted)).archive;
    },
    // Asked for each push, since labels change while it is read.
    host: {
      id: wishes.hostId,
      hostname,
      get labels() {
        return collector.labels.labels;
      },
      get labelSources() {
        return collector.labels.sources;
      },
    },
    spool: createMemorySpool(spoolBytes),
    hub: { client: clientOf(wishes), credentialStore, readToken: () => null },
    log: wishes.log,
  });
  agent.start();
  return agent;
}
