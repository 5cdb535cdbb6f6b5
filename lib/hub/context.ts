import type { RuleSet } from '../alerts/rules/index.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { Fleet } from '../fleet/index.ts';
import type { HistoryStore } from '../history/history-store.ts';
import type { HubMetrics } from '../metrics/hub-metrics.ts';
import type { FleetExposition } from '../metrics/render.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Alerting } from './alerts/alerting-port.ts';
import type { ChannelHealthBook } from './alerts/channel-health.ts';
import type { Captures } from './captures.ts';
import type { CompatKeeper } from './compat/keeper.ts';
import type { DriftKeeper } from './drift/keeper.ts';
import type { FleetFile } from './fleet-file.ts';
import type { HostTokens } from './host-tokens.ts';
import type { AgentFiles } from './install/agent-files.ts';
import type { HostLives } from './lives/lives.ts';
import type { Oidc } from './oidc/oidc.ts';
import type { OwnerBook } from './owner-book.ts';
import type { Passwords } from './password.ts';
import type { HostPauses } from './pauses.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Sealer } from './sealed.ts';
import type { SshDoor } from './ssh/door.ts';
import type { SshInstalls } from './ssh/installs.ts';
import type { SshKeeper } from './ssh/keeper.ts';
import type { Stream } from './stream/stream.ts';
import type { AgentShelf } from './upgrades/agent-shelf.ts';
import type { Rollouts } from './upgrades/rollouts.ts';

/** Where the hub can be reached, known once it listens. */
export interface HubAddress {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** This machine's own addresses, IPv4 first, that others may reach; empty when it listens on loopback. */
  readonly reachableHosts: readonly string[];
  /** `sha256:<hex>` of the hub's own authority; null when the certificate is not its own. */
  readonly caFingerprint: string | null;
  /** SHA-256 in base64 of the server key's SPKI, as curl's --pinnedpubkey takes it; null without TLS of its own. */
  readonly keyPin: string | null;
}

/** What every operation gets: the stores, the live fleet, the clock. Made once, in create-hub.ts. */
export interface HubContext {
  readonly version: string;
  /** Random for each start. */
  readonly epoch: string;
  readonly startedAtMillis: number;
  readonly config: HubConfig;
  /** Milliseconds of the hub's clock. */
  readonly now: () => number;
  readonly state: StateStore;
  readonly history: HistoryStore;
  readonly fleet: Fleet;
  /** Labels and declared baselines from the file that the hub was started with. */
  readonly fleetFile: FleetFile;
  /** What runs where, and what differs from its group's baseline. */
  readonly drift: DriftKeeper;
  /** Which containers can use CUDA where they are. */
  readonly compat: CompatKeeper;
  /** Who was refused as a host, and who looks like two or one. */
  readonly lives: HostLives;
  /** Which owners history knows as they are now. */
  readonly ownerBook: OwnerBook;
  /** Who is asked to let go of the GPUs. */
  readonly pauses: HostPauses;
  readonly stream: Stream;
  /** Recordings of hosts that someone asked for; in memory, for a while. */
  readonly captures: Captures;
  /** The agent that hosts get. */
  readonly agents: AgentShelf;
  /** Upgrades of agents under way. */
  readonly rollouts: Rollouts;
  readonly passwords: Passwords;
  readonly alerting: Alerting;
  /** How it goes to each channel. */
  readonly channelHealth: ChannelHealthBook;
  /** The rules as the fleet file wants them; another object after it changed. */
  readonly alertRules: () => RuleSet;
  /** Null: nobody signs in through a provider. */
  readonly oidc: Oidc | null;
  readonly exposition: FleetExposition;
  readonly hubMetrics: HubMetrics;
  readonly limits: {
    /** By peer address; only failures count. */
    readonly enrollFailures: RateLimiter;
    /** By the peer's network; only failures count. */
    readonly loginFailures: RateLimiter;
    /** By user name, known or not. More than one network's worth, so that none can lock a user out alone. */
    readonly passwordFailures: RateLimiter;
    /** Failed sign-ins that the audit log takes: by the peer's network, and of everyone together. */
    readonly auditedFailures: RateLimiter;
    readonly auditedFailuresInAll: RateLimiter;
    /** By actor: each is a request of the hub to elsewhere. */
    readonly channelTests: RateLimiter;
    /** By actor: a browser that lost its stream comes back at once. */
    readonly streamOpens: RateLimiter;
    /** By the peer's network: each makes the provider work too. */
    readonly oidcSignIns: RateLimiter;
    /** By host id. */
    readonly pushes: RateLimiter;
  };
  /** The one way to hosts over SSH. */
  readonly sshDoor: SshDoor;
  /** Encrypts what secrets must be kept. */
  readonly sealer: Sealer;
  /** Hosts that this hub reads over SSH. */
  readonly ssh: SshKeeper;
  /** Installations of the agent over SSH. */
  readonly sshInstalls: SshInstalls;
  /** What hosts fetch to install the agent; null until the hub listens. */
  agentFiles: AgentFiles | null;
  /** Null until the hub listens. */
  address: HubAddress | null;
  /** Reports given to history and not yet committed. */
  pendingReports: number;
  /** Enrolment tokens for one host and one use. */
  readonly hostTokens: HostTokens;
  /** Enrolment tokens shown lately, in memory only, so that a reloaded page does not make another. */
  readonly shownTokens: Map<string, { readonly secret: string; readonly expiresAtMillis: number }>;
  /** When each host's last report was last handed to the state; Map of host id to milliseconds. */
  readonly notedAtMillis: Map<string, number>;
  /** Hosts that changed since the exposition was last brought up to date. */
  readonly unexposedHosts: Set<string>;
  /** The OpenAPI document, made at the first call. */
  readonly openApi: () => object;
  /** One line for the operator's log. */
  readonly log: (line: string) => void;
}
