import type { HubContext } from '../context.ts';
import { knownHost } from '../known-hosts.ts';
import { SshKeeper } from './keeper.ts';
import { takeSshCapture, takeSshPush } from './take-push.ts';

/** Makes a host that is read over SSH one of the fleet; what is known of it stays. */
async function adopt(context: HubContext, id: string, hostname: string): Promise<void> {
  const existing = await context.state.getHost(id);
  if (existing !== null && context.fleet.has(id)) return;
  const host = existing ?? {
    id,
    hostname,
    credentialHash: null,
    enrolledAt: new Date(context.now()).toISOString(),
    lastReportAt: null,
    lastReport: null,
    agentLabels: {},
    hubLabels: {},
  };
  await context.state.putHost(host);
  context.fleet.know(knownHost(host), context.now());
}

/** The hosts that this hub reads over SSH. */
export function openSshKeeper(context: () => HubContext): SshKeeper {
  const { config, state, now, log, sshDoor: door, sealer } = context();
  return new SshKeeper({
    state,
    door,
    sealer,
    now,
    log,
    intervalSeconds: config.intervalSeconds,
    mostOpening: config.sshOpening,
    push: (hostId, body) => takeSshPush(context(), hostId, body),
    capture: (hostId, capture) => takeSshCapture(context(), hostId, capture),
    adopt: (hostId, hostname) => adopt(context(), hostId, hostname),
    hasAgent: async (hostId) => ((await state.getHost(hostId))?.credentialHash ?? null) !== null,
    seen: (hostId) => context().fleet.summary(hostId),
    isReporting: (hostId) => {
      const host = context().fleet.summary(hostId);
      return host !== null && host.lastReportAt !== null && host.state !== 'gone';
    },
  });
}
