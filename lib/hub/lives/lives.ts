import { createHash } from 'node:crypto';
import type { ClaimKind, HostClaim } from '../../model/index.ts';
import type { KeptClaim, StateStore } from '../../state/state-store.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { type SeenAgent, TwoAgentsWatch } from './two-agents.ts';

export interface NotedClaim {
  readonly kind: ClaimKind;
  readonly hostId: string | null;
  readonly hostname: string | null;
  readonly peer: string;
}

/** Agents that were refused as a host, and hosts that turn out to be two machines or one. */
export interface HostLives {
  load(): Promise<void>;
  /** Remembers a refusal; many of one machine are one claim. Never throws. */
  note(claim: NotedClaim): void;
  /** Looks at who pushes as a host; notes when there are two. */
  see(hostId: string, agent: SeenAgent): void;
  /** Those of the last day that nobody dismissed, the newest first. */
  open(): readonly HostClaim[];
  /** False when there is no such claim. */
  dismiss(id: string): Promise<boolean>;
  /** What was claimed of a host is settled. */
  settle(hostId: string): Promise<void>;
  /** Pairs that a person said are two hosts. */
  readonly keptPairs: ReadonlySet<string>;
  keepPair(pair: string): Promise<void>;
  /** A host said another name than before; at most one is noted in ten minutes. */
  noteName(hostId: string, before: string, now: string): void;
}

export interface HostLivesOptions {
  readonly state: StateStore;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

const shownForMillis = 24 * 3_600_000;
const writeEveryMillis = 60_000;
const nameEveryMillis = 10 * 60_000;
const mostInMemory = 200;

/** One machine's claims under one name, short enough for an address. */
const idOf = ({ kind, hostId, peer }: NotedClaim): string =>
  createHash('sha256').update([kind, hostId, peer].join('\n')).digest('hex').slice(0, 16);

export function createHostLives({ state, now, log }: HostLivesOptions): HostLives {
  const claims = new Map<string, KeptClaim>();
  const writtenAt = new Map<string, number>();
  const namedAt = new Map<string, number>();
  const keptPairs = new Set<string>();
  const twoAgents = new TwoAgentsWatch();
  /** Anyone can knock with made-up credentials from many addresses: new claims come at a pace. */
  const newClaims = createRateLimiter(50, 1 / 10);

  const failed = (error: unknown): void => log(`claims of hosts: ${String(error)}`);
  const write = (claim: KeptClaim): void => {
    const at = now();
    if (at - (writtenAt.get(claim.id) ?? Number.NEGATIVE_INFINITY) < writeEveryMillis) return;
    writtenAt.set(claim.id, at);
    void state.putClaim(claim).catch(failed);
  };
  const forgetOldest = (): void => {
    if (claims.size <= mostInMemory) return;
    const [oldest] = [...claims.values()].sort((a, b) => (a.lastAt < b.lastAt ? -1 : 1));
    if (oldest !== undefined) claims.delete(oldest.id);
  };
  const note = (noted: NotedClaim): void => {
    const id = idOf(noted);
    const at = new Date(now()).toISOString();
    const known = claims.get(id);
    if (known === undefined)
      try {
        newClaims.take('all', now());
      } catch {
        return;
      }
    // Dismissed means that it is known; once it was quiet for a day it is news again.
    const isNews = known === undefined || now() - Date.parse(known.lastAt) > shownForMillis;
    const claim: KeptClaim = isNews
      ? { ...noted, id, firstAt: at, lastAt: at, count: 1, dismissedAt: null }
      : { ...known, hostname: noted.hostname ?? known.hostname, lastAt: at, count: known.count + 1 };
    claims.set(id, claim);
    forgetOldest();
    write(claim);
  };

  return {
    async load() {
      for (const claim of await state.listClaims()) claims.set(claim.id, claim);
      for (const pair of await state.listKeptPairs()) keptPairs.add(pair);
    },
    note,
    see(hostId, agent) {
      const other = twoAgents.see(hostId, agent, now());
      if (other === null) return;
      const { hostname } = agent.hostname === other.hostname ? agent : other;
      const peer = [...new Set([agent.peer, other.peer])].sort().join(' and ');
      note({ kind: 'two-agents', hostId, hostname, peer });
    },
    open() {
      const oldest = new Date(now() - shownForMillis).toISOString();
      return [...claims.values()]
        .filter(({ dismissedAt, lastAt }) => dismissedAt === null && lastAt >= oldest)
        .sort((a, b) => (a.lastAt < b.lastAt ? 1 : -1))
        .map(({ dismissedAt, ...claim }) => claim);
    },
    async dismiss(id) {
      const claim = claims.get(id);
      if (claim === undefined) return false;
      const dismissed = { ...claim, dismissedAt: new Date(now()).toISOString() };
      await state.putClaim(dismissed);
      claims.set(id, dismissed);
      return true;
    },
    async settle(hostId) {
      twoAgents.forget(hostId);
      for (const { id } of [...claims.values()].filter((claim) => claim.hostId === hostId)) {
        claims.delete(id);
        writtenAt.delete(id);
        await state.removeClaim(id);
      }
    },
    keptPairs,
    async keepPair(pair) {
      await state.keepPair(pair);
      keptPairs.add(pair);
    },
    noteName(hostId, before, hostname) {
      const at = now();
      if (at - (namedAt.get(hostId) ?? Number.NEGATIVE_INFINITY) < nameEveryMillis) return;
      namedAt.set(hostId, at);
      const until = new Date(at).toISOString();
      const change = { action: 'host.rename', subject: hostId, before, after: hostname };
      void state
        .addFormerName(hostId, { hostname: before, until })
        .then(() => state.appendAudit({ at: until, actor: `agent ${hostId}`, ...change }))
        .catch(failed);
    },
  };
}
