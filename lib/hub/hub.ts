import type {
  AttentionItem,
  ContainerView,
  FleetTotals,
  GpuDetail,
  HostDetail,
  HostSummary,
  Page,
  RangeResult,
} from '../model/index.ts';
import type { Actor } from './actor.ts';

export interface ListQuery {
  /** Free text: hostname, GPU name, uuid, label `key=value`, state. */
  readonly q?: string;
  readonly group?: string;
  readonly cursor?: string;
  /** 1 to 1000, default 100. */
  readonly limit?: number;
}

export interface RangeQuery {
  readonly metric: string;
  /** `uuid=GPU-…`, `host=<id or hostname>`, `container_id=…`, joined by commas. */
  readonly select: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly stepSeconds?: number;
}

/** How to add a host, for the empty page and the Add host page; `null` commands say why in `note`. */
export interface AddHostInstructions {
  /** Command that works from another host; null while the hub serves only loopback. */
  readonly remoteCommand: string | null;
  /** Command for the machine that the hub runs on. */
  readonly localCommand: string;
  /** What to do so that other hosts can reach the hub, when they cannot. */
  readonly note: string | null;
  readonly tokenExpiresAt: string;
}

export interface FleetView {
  readonly serverTime: string;
  readonly totals: FleetTotals;
  readonly attention: readonly AttentionItem[];
  readonly hosts: readonly HostSummary[];
}

/**
 * The one running hub as pages and routes see it, at `globalThis[Symbol.for('gpufleet.hub')]`.
 * Every operation throws HubError `unauthenticated` or `forbidden` before it does anything.
 */
export interface Hub {
  readonly version: string;
  readonly epoch: string;
  readonly startedAt: string;
  /** Who sent these headers (session cookie or bearer token); a stranger when nobody. */
  identify(headers: {
    readonly cookie: string | null;
    readonly authorization: string | null;
  }): Promise<Actor>;
  getFleet(actor: Actor): Promise<FleetView>;
  listHosts(actor: Actor, query: ListQuery): Promise<Page<HostSummary>>;
  getHost(actor: Actor, id: string): Promise<HostDetail>;
  listGpus(actor: Actor, query: ListQuery): Promise<Page<GpuDetail>>;
  getGpu(actor: Actor, uuid: string): Promise<GpuDetail>;
  listContainers(actor: Actor, query: ListQuery): Promise<Page<ContainerView>>;
  queryRange(actor: Actor, query: RangeQuery): Promise<RangeResult>;
  /** Admin only: makes a fresh enrolment token. `origin` is the address in the browser's bar. */
  addHostInstructions(actor: Actor, origin: string): Promise<AddHostInstructions>;
  removeHost(actor: Actor, id: string): Promise<void>;
  signOut(actor: Actor, cookie: string | null): Promise<void>;
  /** Answers a request to the REST part of /api/v1: who asks, parameters, problem documents. Never rejects. */
  answer(request: Request): Promise<Response>;
}
