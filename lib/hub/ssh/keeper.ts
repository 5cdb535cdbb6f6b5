import type { SiteSshHost, SshHostKey, SshHostView, SshKeyView, SshTest } from '../../model/index.ts';
import type { SshHostRecord, SshKeyRecord, SshKnownRecord, StateStore } from '../../state/state-store.ts';
import type { DoorKey, DoorTarget, OfferedKey, ReadWishes, SshDoor } from './door.ts';
import { Reader } from './reader.ts';
import type { RootScript, RootScriptEnd } from './root-scripts.ts';
import type { Sealer } from './sealed.ts';
import { sameHost, siteHostId } from './site-hosts.ts';
import { createTurns } from './turns.ts';

/** Connections that are being opened at once. */
const mostOpening = 16;

export interface SshKeeperOptions {
  readonly state: StateStore;
  readonly door: SshDoor;
  readonly sealer: Sealer;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly intervalSeconds: number;
  readonly push: (
    hostId: string,
    body: Buffer,
    isGzipped: boolean,
  ) => Promise<{ readonly status: number; readonly body: string }>;
  /** Makes the host known to the fleet, before its first reading. */
  readonly adopt: (hostId: string, hostname: string) => Promise<void>;
  /** An agent has this host's credential: it is not read over SSH. */
  readonly hasAgent: (hostId: string) => Promise<boolean>;
  readonly seen: (
    hostId: string,
  ) => { readonly hostname: string; readonly lastReportAt: string | null } | null;
}

interface Kept {
  record: SshHostRecord;
  /** Null: of a person, kept in the state. */
  site: SiteSshHost | null;
  readonly reader: Reader;
  lastTest: SshTest | null;
}

const shownKey = ({ type, fingerprint }: SshHostKey): SshHostKey => ({ type, fingerprint });

/** As known_hosts names a host. */
export const placeOfHost = ({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): string => (port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`);

/** The hosts that the hub reads over SSH, its keys for them, and the host keys that people accepted. */
export class SshKeeper {
  readonly #options: SshKeeperOptions;
  readonly #turns = createTurns(mostOpening);
  readonly #hosts = new Map<string, Kept>();
  readonly #keys = new Map<string, SshKeyRecord>();
  readonly #known = new Map<string, SshKnownRecord>();
  #site: readonly SiteSshHost[] = [];

  constructor(options: SshKeeperOptions) {
    this.#options = options;
  }

  /** Begins to read what is kept. */
  async load(): Promise<void> {
    const { state } = this.#options;
    for (const key of await state.listSshKeys()) this.#keys.set(key.id, key);
    for (const known of await state.listSshKnown()) this.#known.set(known.place, known);
    for (const record of await state.listSshHosts()) await this.#begin(this.#keep(record, null));
  }

  /**
   * The hosts that the fleet file names, all of them; what did not change goes on as it is. One that a person added
   * already stays as that person wants it. Resolves with the ids of those that it does not name any more.
   */
  async setSite(hosts: readonly SiteSshHost[]): Promise<readonly string[]> {
    this.#site = hosts;
    const wanted = new Set(hosts.map(siteHostId));
    const gone = [...this.#hosts].filter(([id, { site }]) => site !== null && !wanted.has(id));
    await Promise.all(gone.map(([id]) => this.#end(id)));
    const ofPeople = new Set(
      [...this.#hosts.values()].filter(({ site }) => site === null).map(({ record }) => placeOfHost(record)),
    );
    for (const host of hosts) {
      const id = siteHostId(host);
      const kept = this.#hosts.get(id);
      if (kept === undefined) {
        if (!ofPeople.has(placeOfHost(host))) await this.#begin(this.#keep(this.#siteRecord(host), host));
      } else if (kept.site !== null && !sameHost(kept.site, host)) {
        kept.record = this.#siteRecord(host);
        kept.site = host;
        kept.lastTest = null;
        kept.reader.start();
      }
    }
    return gone.map(([id]) => id);
  }

  isOfSite(id: string): boolean {
    return (this.#hosts.get(id)?.site ?? null) !== null;
  }

  #siteRecord(host: SiteSshHost): SshHostRecord {
    const { keyName: _, ...settings } = host;
    const createdAt = new Date(this.#options.now()).toISOString();
    return { ...settings, id: siteHostId(host), keyId: '', createdAt };
  }

  async #begin(kept: Kept): Promise<void> {
    if (await this.#options.hasAgent(kept.record.id)) await kept.reader.stop('stepped-back');
    else kept.reader.start();
  }

  async #end(id: string): Promise<void> {
    const kept = this.#hosts.get(id);
    this.#hosts.delete(id);
    await kept?.reader.stop('off');
  }

  /** A key of the fleet file is named, and may be made after the file was read. */
  #keyOf({ record, site }: Pick<Kept, 'record' | 'site'>): SshKeyRecord | undefined {
    if (site === null) return this.#keys.get(record.keyId);
    return [...this.#keys.values()].find(({ name }) => name === site.keyName);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map(({ reader }) => reader.stop('off')));
  }

  record(id: string): SshHostRecord | null {
    return this.#hosts.get(id)?.record ?? null;
  }

  find(address: string, port: number): SshHostRecord | null {
    const place = placeOfHost({ address, port });
    for (const { record } of this.#hosts.values()) if (placeOfHost(record) === place) return record;
    return null;
  }

  /** Where it reads, as `placeOfHost` names it. */
  places(): ReadonlySet<string> {
    return new Set([...this.#hosts.values()].map(({ record }) => placeOfHost(record)));
  }

  key(id: string): SshKeyRecord | null {
    return this.#keys.get(id) ?? null;
  }

  isKeyUsed(id: string): boolean {
    return [...this.#hosts.values()].some((kept) => this.#keyOf(kept)?.id === id);
  }

  offered(id: string): OfferedKey | null {
    const kept = this.#hosts.get(id);
    return kept?.reader.offered ?? null;
  }

  accepted(place: string): SshKnownRecord | null {
    return this.#known.get(place) ?? null;
  }

  views(): readonly SshHostView[] {
    return [...this.#hosts.values()].map((kept) => this.#view(kept));
  }

  view(id: string): SshHostView | null {
    const kept = this.#hosts.get(id);
    return kept === undefined ? null : this.#view(kept);
  }

  keyViews(): readonly SshKeyView[] {
    return [...this.#keys.values()].map(({ id, name, kind, publicLine, createdAt }) => ({
      id,
      name,
      kind,
      publicLine,
      createdAt,
    }));
  }

  /** New or changed, after it was stored: reading begins anew. */
  set(record: SshHostRecord): void {
    const kept = this.#hosts.get(record.id);
    if (kept === undefined) this.#keep(record, null).reader.start();
    else {
      kept.record = record;
      kept.lastTest = null;
      kept.reader.start();
    }
  }

  async remove(id: string): Promise<void> {
    await this.#end(id);
    await this.setSite(this.#site);
  }

  setKey(key: SshKeyRecord): void {
    this.#keys.set(key.id, key);
    for (const { site, reader } of this.#hosts.values())
      if (site?.keyName === key.name && reader.state === 'failing') reader.start();
  }

  forgetKey(id: string): void {
    this.#keys.delete(id);
  }

  /** Whoever waited for it goes on. */
  accept(known: SshKnownRecord): void {
    this.#known.set(known.place, known);
    for (const { reader } of this.#hosts.values()) if (reader.offered?.place === known.place) reader.start();
  }

  async test(id: string): Promise<SshTest | null> {
    const kept = this.#hosts.get(id);
    if (kept === undefined) return null;
    const { steps, offered } = await this.#turns.take(async () =>
      this.#options.door.test(await this.#target(kept)),
    );
    const at = new Date(this.#options.now()).toISOString();
    kept.lastTest = { at, steps, offeredKey: offered === null ? null : shownKey(offered) };
    // What a test finds out, reading should too: now, and not after a long wait.
    if (
      kept.reader.state === 'failing' &&
      steps.every(({ name, outcome }) => name === 'docker' || outcome === 'ok')
    )
      kept.reader.start();
    return kept.lastTest;
  }

  async runRootScript(id: string, script: RootScript): Promise<RootScriptEnd> {
    const kept = this.#hosts.get(id);
    if (kept === undefined) return { outcome: 'no-connection', message: 'the host was removed' };
    return this.#options.door.runRootScript(await this.#target(kept), script);
  }

  /** An agent with this id pushed: two would count everything twice. */
  noteAgent(hostId: string): void {
    const kept = this.#hosts.get(hostId);
    if (kept === undefined || kept.reader.state === 'stepped-back') return;
    void kept.reader.stop('stepped-back');
  }

  /** Readings are taken from it: it is an SSH host, and no agent has its place. */
  mayPush(hostId: string): boolean {
    const kept = this.#hosts.get(hostId);
    return kept !== undefined && kept.reader.state !== 'stepped-back' && kept.reader.state !== 'off';
  }

  #keep(record: SshHostRecord, site: SiteSshHost | null): Kept {
    const { door, now, adopt } = this.#options;
    const kept: Kept = {
      record,
      site,
      lastTest: null,
      reader: new Reader({
        door,
        turns: this.#turns,
        now,
        random: Math.random,
        target: () => this.#target(kept),
        wishes: () => this.#wishes(kept.record),
        isAccepted: (place) => this.#known.has(place),
        onOpen: (hostname) => adopt(record.id, hostname),
      }),
    };
    this.#hosts.set(record.id, kept);
    return kept;
  }

  #wishes({ id, intervalSeconds }: SshHostRecord): ReadWishes {
    const { push, log } = this.#options;
    return {
      hostId: id,
      intervalSeconds: intervalSeconds ?? this.#options.intervalSeconds,
      push: (body, isGzipped) => push(id, body, isGzipped),
      log: (line) => log(`ssh host ${id}: ${line}`),
    };
  }

  async #target(kept: Kept): Promise<DoorTarget> {
    const { address, port, user, jumps } = kept.record;
    const key = this.#keyOf(kept);
    if (key === undefined)
      throw new Error(
        kept.site === null
          ? 'its key was removed: choose another'
          : `the fleet file names the key ${kept.site.keyName}, which this hub does not have: make it`,
      );
    const knownHosts = [...this.#known.values()].map(({ line }) => line).join('\n');
    return { address, port, user, jumps, key: this.#doorKey(key), knownHosts };
  }

  #doorKey({ kind, path, secret }: SshKeyRecord): DoorKey {
    const opened = secret === null ? null : this.#options.sealer.open(secret);
    return kind === 'made' ? { text: opened ?? '' } : { path: path ?? '', passphrase: opened };
  }

  #view(kept: Kept): SshHostView {
    const { record, site, reader, lastTest } = kept;
    const { id, address, port, user, jumps, intervalSeconds } = record;
    const key = this.#keyOf(kept);
    const seen = this.#options.seen(id);
    const offered = reader.offered;
    const accepted = this.#known.get(offered?.place ?? placeOfHost(record)) ?? null;
    return {
      id,
      address,
      port,
      user,
      jumps,
      keyId: key?.id ?? record.keyId,
      intervalSeconds,
      source: site === null ? 'hub' : 'fleet-file',
      keyName: key?.name ?? site?.keyName ?? record.keyId,
      hostId: seen === null ? null : id,
      hostname: seen?.hostname ?? null,
      state: reader.state,
      condition: reader.condition,
      notes: reader.notes,
      acceptedKey: accepted === null ? null : shownKey(accepted),
      offeredKey: offered === null ? null : shownKey(offered),
      lastTest,
      lastReadAt: seen?.lastReportAt ?? null,
    };
  }
}
