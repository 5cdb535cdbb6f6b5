/** How much of a host its agent may read, chosen when it is installed; each level has all of the one before. */
export const accessLevels = ['gpu', 'containers', 'processes'] as const;
export type AccessLevel = (typeof accessLevels)[number];

/** Where an agent is with what the hub last offered it. `done`: the new one runs and its reports are taken. */
export const upgradeStates = ['fetching', 'trial', 'done', 'rolled-back', 'refused'] as const;
export type UpgradeState = (typeof upgradeStates)[number];

export interface AgentUpgrade {
  /** Of the offer that it is about. */
  readonly serial: number;
  readonly version: string;
  readonly state: UpgradeState;
  /** Why, where it was rolled back or refused, and what holds up its fetching; else null. */
  readonly message: string | null;
}

/** Which file an agent runs from, and whether it can change it. Older agents do not say. */
export interface AgentCode {
  /** SHA-256 of the file, hex; null for a checkout and for a single executable, which are no one file of the hub's. */
  readonly sha256: string | null;
  /** It has the hub's key and is started again when it ends. */
  readonly canUpgrade: boolean;
  /** Null: it was not installed by the hub's script. */
  readonly access: AccessLevel | null;
  /** Null until it was offered one. */
  readonly upgrade: AgentUpgrade | null;
  /** It plays a host, and is no program of its own that could be changed; left out of real agents. */
  readonly isSimulated?: boolean;
}

/** What the hub asks an agent to become, in the answer to a push; worth nothing without the signature. */
export interface UpgradeOffer {
  /** Rises with each offer of a hub: an agent takes none that is not above the last it took. */
  readonly serial: number;
  readonly version: string;
  /** Of the file at /agent/files/<sha256>.mjs, hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Ed25519 over upgradeText, base64. */
  readonly signature: string;
  /** A report must be accepted within so long after the first start. */
  readonly trialSeconds: number;
}

/** The text that is signed. */
export const upgradeText = (offer: Omit<UpgradeOffer, 'signature' | 'trialSeconds'>): string =>
  `gpufleet agent upgrade 1\n${offer.serial}\n${offer.version}\n${offer.sha256}\n${offer.sizeBytes}\n`;
