import type {
  AgentsView,
  AlertTally,
  AttentionItem,
  ChangesView,
  CompatCheckAnswer,
  CompatCheckRequest,
  CompatPlanRequest,
  CompatPlanView,
  CompatView,
  ContainerVerdict,
  ContainerView,
  ExplainedError,
  FieldOrigin,
  FleetTotals,
  GpuDetail,
  HostDetail,
  HostSummary,
  OwnerDetail,
  OwnerRow,
  Page,
  RangeResult,
  VersionsView,
  WasteReport,
} from '../model/index.ts';
import type { Actor } from './actor.ts';
import type { HubAlerts } from './hub-alerts.ts';
import type { HubPeople } from './hub-people.ts';
import type { HubSsh } from './hub-ssh.ts';
import type { ChangesQuery } from './operations/get-changes.ts';
import type { CompatQuery } from './operations/get-compat.ts';
import type { VersionsQuery } from './operations/get-versions.ts';
import type { WasteQuery } from './operations/get-waste.ts';
import type { ClaimsView, FormerNamesView } from './operations/list-claims.ts';
import type { ContainersQuery } from './operations/list-containers.ts';
import type { OwnersQuery } from './operations/list-owners.ts';
import type { SignInWays } from './operations/sign-in-ways.ts';
import type { ReadHeader } from './requester.ts';

export interface ListQuery {
  /** Free text: hostname, GPU name, uuid, label `key=value`, state. */
  readonly q?: string;
  /** Groups of which any will do. */
  readonly group?: readonly string[];
  /** `key=value`, or `key` for any value; of one key any will do, of several keys all must fit. */
  readonly label?: readonly string[];
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
  readonly alerts: AlertTally;
  readonly attention: readonly AttentionItem[];
  readonly hosts: readonly HostSummary[];
}

/**
 * The one running hub as pages and routes see it, at `globalThis[Symbol.for('gpufleet.hub')]`.
 * Every operation throws HubError `unauthenticated` or `forbidden` before it does anything.
 */
export interface Hub extends HubAlerts, HubPeople, HubSsh {
  readonly version: string;
  readonly epoch: string;
  readonly startedAt: string;
  /** Its certificate is signed by an authority of its own, served at /agent/ca.pem. */
  readonly hasOwnAuthority: boolean;
  /** People whom a proxy names can sign out, though they have no session here. */
  readonly hasProxyLogout: boolean;
  /** Who sent these headers (session, bearer token, or whom a trusted proxy names); a stranger when nobody. */
  identify(header: ReadHeader): Promise<Actor>;
  /** What the login page offers; open to everyone. `from` is the path to go to afterwards. */
  signInWays(header: ReadHeader, from: string | null): Promise<SignInWays>;
  getFleet(actor: Actor): Promise<FleetView>;
  listHosts(actor: Actor, query: ListQuery): Promise<Page<HostSummary>>;
  getHost(actor: Actor, id: string): Promise<HostDetail>;
  getFieldOrigins(actor: Actor): Promise<readonly FieldOrigin[]>;
  /** The errors that a pasted text tells of, each with who has it. */
  explainText(actor: Actor, text: string): Promise<readonly ExplainedError[]>;
  /** One error by its address; `text` says what exactly is asked for, where one was pasted. Throws `not-found`. */
  explainError(actor: Actor, slug: string, text: string): Promise<ExplainedError>;
  /** Every error that is known, without Xids. */
  listKnownErrors(actor: Actor): Promise<readonly Pick<ExplainedError, 'slug' | 'title' | 'says'>[]>;
  listGpus(actor: Actor, query: ListQuery): Promise<Page<GpuDetail>>;
  getGpu(actor: Actor, uuid: string): Promise<GpuDetail>;
  listContainers(actor: Actor, query: ContainersQuery): Promise<Page<ContainerView>>;
  /** Images by groups of hosts, and the verdict of everything that runs or failed. */
  getCompat(actor: Actor, query: CompatQuery): Promise<CompatView>;
  /** Which hosts can run an image or a requirement. Throws `not-found` for an image that nobody can be asked for. */
  checkCompat(actor: Actor, request: CompatCheckRequest): Promise<CompatCheckAnswer>;
  /** What another driver or toolkit would do, and the oldest driver for all. */
  planCompat(actor: Actor, request: CompatPlanRequest): Promise<CompatPlanView>;
  /** Everything of one container's verdict. Throws `not-found`. */
  getContainerVerdict(actor: Actor, hostId: string, containerId: string): Promise<ContainerVerdict>;
  listOwners(actor: Actor, query: OwnersQuery): Promise<Page<OwnerRow>>;
  /** Also after it ended. Throws `not-found`. */
  getOwner(actor: Actor, owner: { readonly hostId: string; readonly key: string }): Promise<OwnerDetail>;
  getWaste(actor: Actor, query: WasteQuery): Promise<WasteReport>;
  getVersions(actor: Actor, query: VersionsQuery): Promise<VersionsView>;
  getChanges(actor: Actor, query: ChangesQuery): Promise<ChangesView>;
  queryRange(actor: Actor, query: RangeQuery): Promise<RangeResult>;
  /** Admin only: makes a fresh enrolment token. `origin` is the address in the browser's bar. */
  addHostInstructions(actor: Actor, origin: string): Promise<AddHostInstructions>;
  removeHost(actor: Actor, id: string): Promise<void>;
  /** What agents run where, and their upgrades. */
  getAgents(actor: Actor): Promise<AgentsView>;
  listClaims(actor: Actor): Promise<ClaimsView>;
  listFormerNames(actor: Actor, id: string): Promise<FormerNamesView>;
  /** Answers a request to the REST part of /api/v1: who asks, parameters, problem documents. Never rejects. */
  answer(request: Request): Promise<Response>;
}
