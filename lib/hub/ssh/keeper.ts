import type { SshHostKey, SshHostView, SshKeyView, SshTest } from '../../model/index.ts';
import type { SshHostRecord, SshKeyRecord, SshKnownRecord, StateStore } from '../../state/state-store.ts';
import type { DoorKey, DoorTarget, OfferedKey, ReadWishes, SshDoor } from './door.ts';
import { Reader } from './reader.ts';
import type { RootScript, RootScriptEnd } from './root-scripts.ts';
import type { Sealer } from './sealed.ts';
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
  readonly onChange: () => void;
}

interface Kept {
  record: SshHostRecord;
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

  constructor(options: SshKeeperOptions) {
    this.#options = options;
  }

  /** Begins to read what is kept. */
  async load(): Promise<void> {
    const { state, hasAgent } = this.#options;
    for (const key of await state.listSshKeys()) this.#keys.set(key.id, key);
    for (const known of await state.listSshKnown()) this.#known.set(known.place, known);
    for (const record of await state.listSshHosts()) {
      const kept = this.#keep(record);
      if (await hasAgent(record.id)) await kept.reader.stop('stepped-back');
      else kept.reader.start();
    }
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

  key(id: string): SshKeyRecord | null {
    return this.#keys.get(id) ?? null;
  }

  isKeyUsed(id: string): boolean {
    return [...this.#hosts.values()].some(({ record }) => record.keyId === id);
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
    if (kept === undefined) this.#keep(record).reader.start();
    else {
      kept.record = record;
      kept.lastTest = null;
      kept.reader.start();
    }
  }

  async remove(id: string): Promise<void> {
    const kept = this.#hosts.get(id);
    this.#hosts.delete(id);
    await kept?.reader.stop('off');
    this.#options.onChange();
  }

  setKey(key: SshKeyRecord): void {
    this.#keys.set(key.id, key);
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
      this.#options.door.test(await this.#target(kept.record)),
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
    return this.#options.door.runRootScript(await this.#target(kept.record), script);
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

  #keep(record: SshHostRecord): Kept {
    const { door, now, adopt, onChange } = this.#options;
    const kept: Kept = {
      record,
      lastTest: null,
      reader: new Reader({
        door,
        turns: this.#turns,
        now,
        random: Math.random,
        target: () => this.#target(kept.record),
        wishes: () => this.#wishes(kept.record),
        isAccepted: (place) => this.#known.has(place),
        onOpen: (hostname) => adopt(record.id, hostname),
        onChange,
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

  async #target({ address, port, user, jumps, keyId }: SshHostRecord): Promise<DoorTarget> {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new Error(`its key ${keyId} was removed: choose another`);
    const knownHosts = [...this.#known.values()].map(({ line }) => line).join('\n');
    return { address, port, user, jumps, key: this.#doorKey(key), knownHosts };
  }

  #doorKey({ kind, path, secret }: SshKeyRecord): DoorKey {
    const opened = secret === null ? null : this.#options.sealer.open(secret);
    return kind === 'made' ? { text: opened ?? '' } : { path: path ?? '', passphrase: opened };
  }

  #view({ record, reader, lastTest }: Kept): SshHostView {
    const { id, address, port, user, jumps, keyId, intervalSeconds } = record;
    const seen = this.#options.seen(id);
    const offered = reader.offered;
    const accepted = this.#known.get(offered?.place ?? placeOfHost(record)) ?? null;
    return {
      id,
      address,
      port,
      user,
      jumps,
      keyId,
      intervalSeconds,
      source: 'hub',
      keyName: this.#keys.get(keyId)?.name ?? keyId,
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
