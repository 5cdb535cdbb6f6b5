import type { AgentStatus, Rollout, RolloutHost, UpgradeOffer } from '../../model/index.ts';

/** Beyond its trial a host gets so long to fetch the file, to start again and to say how it went. */
const graceSeconds = 120;
/** For so long a host may say that something holds up its fetching. */
const heldUpSeconds = 3600;
/** A host of a batch under way that says nothing for so long is passed over. */
const silenceSeconds = 60;
/** Of a rollout that was stopped: an offer that was not taken up within this time was not taken. */
const takeUpSeconds = 30;

/** What the hub offers, and how it goes about it. */
export interface RolloutPlan
  extends Pick<
    Rollout,
    | 'id'
    | 'serial'
    | 'version'
    | 'sha256'
    | 'sizeBytes'
    | 'signature'
    | 'trialSeconds'
    | 'firstHosts'
    | 'batchSize'
    | 'createdAt'
    | 'createdBy'
  > {
  readonly hosts: readonly { readonly id: string; readonly hostname: string }[];
}

export function newRollout({ hosts, ...plan }: RolloutPlan): Rollout {
  const batchOf = (at: number) =>
    at < plan.firstHosts ? 0 : 1 + Math.floor((at - plan.firstHosts) / plan.batchSize);
  return {
    ...plan,
    state: 'running',
    endedAt: null,
    why: null,
    hosts: hosts.map(({ id, hostname }, at) => ({
      hostId: id,
      hostname,
      batch: batchOf(at),
      state: 'waiting',
      fromVersion: null,
      detail: null,
      at: null,
    })),
  };
}

const isOver = ({ state }: RolloutHost): boolean =>
  state === 'done' || state === 'failed' || state === 'skipped';
const isUnderWay = ({ state }: RolloutHost): boolean =>
  state === 'offered' || state === 'fetching' || state === 'trial';

/** The batch that is being upgraded; null when none is left. */
export function openBatch({ state, hosts }: Rollout): number | null {
  if (state !== 'running') return null;
  const open = hosts.filter((host) => !isOver(host)).map(({ batch }) => batch);
  return open.length === 0 ? null : Math.min(...open);
}

export const offerOf = (rollout: Rollout): UpgradeOffer => ({
  serial: rollout.serial,
  version: rollout.version,
  sha256: rollout.sha256,
  sizeBytes: rollout.sizeBytes,
  signature: rollout.signature,
  trialSeconds: rollout.trialSeconds,
});

function ended(rollout: Rollout, now: string): Rollout {
  if (rollout.state !== 'running') return rollout;
  const failed = rollout.hosts.find(({ state }) => state === 'failed');
  if (failed !== undefined)
    return {
      ...rollout,
      state: 'failed',
      endedAt: now,
      why: `${failed.hostname}: ${failed.detail ?? 'failed'}`,
    };
  return rollout.hosts.every(isOver) ? { ...rollout, state: 'done', endedAt: now } : rollout;
}

/** A first host that was skipped has tried nothing: the next one that waits takes its place among the first. */
function withFirstFilled(rollout: Rollout): Rollout {
  let places =
    rollout.firstHosts -
    rollout.hosts.filter(({ batch, state }) => batch === 0 && state !== 'skipped').length;
  const hosts = rollout.hosts.map((host) => {
    if (places <= 0 || host.batch === 0 || host.state !== 'waiting') return host;
    places -= 1;
    return { ...host, batch: 0 };
  });
  return { ...rollout, hosts };
}

/** The rollout once hosts of it changed. */
const withHosts = (rollout: Rollout, hosts: readonly RolloutHost[], now: string): Rollout =>
  ended(withFirstFilled({ ...rollout, hosts }), now);

const withHost = (rollout: Rollout, host: RolloutHost, now: string): Rollout =>
  withHosts(
    rollout,
    rollout.hosts.map((each) => (each.hostId === host.hostId ? host : each)),
    now,
  );

/** What a host's own word makes of its place in a rollout; null: nothing new. */
function heard(rollout: Rollout, host: RolloutHost, agent: AgentStatus): Partial<RolloutHost> | null {
  const { code } = agent;
  const upgrade = code?.upgrade?.serial === rollout.serial ? code.upgrade : null;
  if (upgrade?.state === 'rolled-back' || upgrade?.state === 'refused') {
    const how = upgrade.state === 'refused' ? 'refused it' : `went back to ${agent.version}`;
    return { state: 'failed', detail: `${how}: ${upgrade.message ?? 'it did not say why'}` };
  }
  if (code?.sha256 === rollout.sha256 && upgrade?.state !== 'trial') return { state: 'done', detail: null };
  if (upgrade !== null && upgrade.state !== 'done') {
    const detail = upgrade.message;
    return host.state === upgrade.state && host.detail === detail ? null : { state: upgrade.state, detail };
  }
  if (host.state !== 'waiting' || host.batch !== openBatch(rollout)) return null;
  const fromVersion = agent.version;
  return code?.canUpgrade === true
    ? { state: 'offered', fromVersion, detail: null }
    : {
        state: 'skipped',
        fromVersion,
        detail:
          code === undefined
            ? 'its agent is older than upgrades from the hub: run the install command there again'
            : code.isSimulated === true
              ? 'simulated agents cannot be upgraded'
              : "it was not installed by the hub's script: upgrade it the way it was installed",
      };
}

/** After a push of a host: the rollout as it is then, and what to answer. */
export function afterPush(
  rollout: Rollout,
  hostId: string,
  told: { readonly agent: AgentStatus; readonly now: string },
): { readonly rollout: Rollout; readonly offer: UpgradeOffer | null } {
  const before = rollout.hosts.find((host) => host.hostId === hostId);
  if (before === undefined || isOver(before)) return { rollout, offer: null };
  const news = heard(rollout, before, told.agent);
  // A new word about the same state leaves since when it is in it.
  const at = news === null || news.state === before.state ? before.at : told.now;
  const next = news === null ? rollout : withHost(rollout, { ...before, ...news, at }, told.now);
  const host = next.hosts.find((each) => each.hostId === hostId);
  // Offered until it says that it has begun: an answer may be lost.
  const isOffered = next.state === 'running' && host?.state === 'offered';
  return { rollout: next, offer: isOffered ? offerOf(next) : null };
}

const secondsSince = (iso: string | null, nowMillis: number): number =>
  iso === null ? 0 : (nowMillis - Date.parse(iso)) / 1000;

/**
 * What the passing of time makes of a rollout. `silentSeconds` of a host: since it reported last, null when it never
 * did. `openSeconds`: since the batch under way began, or since the hub did.
 */
export function afterTime(
  rollout: Rollout,
  nowMillis: number,
  { openSeconds, silentSeconds }: { openSeconds: number; silentSeconds(hostId: string): number | null },
): Rollout {
  const open = openBatch(rollout);
  const now = new Date(nowMillis).toISOString();
  const patience = rollout.trialSeconds + graceSeconds;
  const isRunning = rollout.state === 'running';
  const hosts = rollout.hosts.map((host): RolloutHost => {
    if (!isRunning && host.state === 'offered' && secondsSince(host.at, nowMillis) > takeUpSeconds)
      return { ...host, state: 'waiting', at: now };
    // What a host said while the hub did not run was heard by nobody: its time begins anew.
    const waited = Math.min(
      secondsSince(host.at, nowMillis),
      isRunning ? openSeconds : Number.POSITIVE_INFINITY,
    );
    // What holds it up, such as a full disk, is for a person to put right, and it goes on by itself then.
    if (isUnderWay(host) && waited > (host.detail === null ? patience : heldUpSeconds)) {
      const detail = host.detail ?? `no word from it for ${patience} s`;
      return { ...host, state: 'failed', detail, at: now };
    }
    const silent = silentSeconds(host.hostId) ?? Number.POSITIVE_INFINITY;
    if (host.state === 'waiting' && host.batch === open && Math.min(silent, openSeconds) > silenceSeconds)
      return { ...host, state: 'skipped', detail: 'it does not report', at: now };
    return host;
  });
  return hosts.every((host, at) => host === rollout.hosts[at]) ? rollout : withHosts(rollout, hosts, now);
}

export const stopped = (rollout: Rollout, why: string, now: string): Rollout => ({
  ...rollout,
  state: 'stopped',
  endedAt: now,
  why,
});

/** No host of it is still on its way; a rollout that was stopped goes on listening until then. */
export const isSettled = ({ state, hosts }: Rollout): boolean =>
  state !== 'running' && !hosts.some(isUnderWay);
