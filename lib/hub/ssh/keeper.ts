import type { SiteSshHost, SshHostState, SshHostView, SshKeyView, SshTest } from '../../model/index.ts';
import type { SshHostRecord, SshKeyRecord, SshKnownRecord } from '../../state/state-store.ts';
import { AgentMachines } from './agent-machines.ts';
import type { DoorFault, DoorNote, OfferedKey, OpenReader, ReadWishes } from './door.ts';
import { HostTests } from './host-tests.ts';
import type { SshKeeperOptions } from './keeper-options.ts';
import { type KeptHost, keyOfHost, targetOfHost, viewOfHost } from './kept-host.ts';
import { KeyBook } from './key-book.ts';
import { hostOnMachine, notesOfTwins } from './one-machine.ts';
import { placeOfHost, placesOnWay } from './places.ts';
import { Reader } from './reader.ts';
import type { RootScript, RootScriptEnd } from './root-scripts.ts';
import { noteOfSite, sameHost, siteHostId, siteRecord } from './site-hosts.ts';
import { createTurns, type Turns } from './turns.ts';

/** The hosts that the hub reads over SSH, its keys for them, and the host keys that people accepted. */
export class SshKeeper {
  readonly #options: SshKeeperOptions;
  readonly #turns: Turns;
  /** Of hosts whose last tries came to nothing. */
  readonly #turnsAgain: Turns;
  readonly #tests: HostTests;
  readonly #hosts = new Map<string, KeptHost>();
  readonly #keys: KeyBook;
  readonly #agents: AgentMachines;
  #site: readonly SiteSshHost[] = [];

  constructor(options: SshKeeperOptions) {
    this.#options = options;
    this.#turns = createTurns(options.mostOpening);
    this.#turnsAgain = createTurns(Math.ceil(options.mostOpening / 2));
    this.#keys = new KeyBook(options.sealer);
    this.#agents = new AgentMachines(options);
    const { door, now } = options;
    this.#tests = new HostTests({ door, now, targetOf: (kept) => targetOfHost(kept, this.#keys) });
  }

  /** Begins to read what is kept. */
  async load(): Promise<void> {
    const { state } = this.#options;
    await this.#keys.load(state);
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
        if (!ofPeople.has(placeOfHost(host)))
          await this.#begin(this.#keep(siteRecord(host, this.#options.now()), host));
      } else if (kept.site !== null && !sameHost(kept.site, host)) {
        kept.record = siteRecord(host, this.#options.now());
        kept.site = host;
        kept.lastTest = null;
        await this.#begin(kept);
      }
    }
    return gone.map(([id]) => id);
  }

  isOfSite(id: string): boolean {
    return (this.#hosts.get(id)?.site ?? null) !== null;
  }

  async #begin(kept: KeptHost): Promise<void> {
    if (await this.#options.hasAgent(kept.record.id)) await kept.reader.stop('stepped-back');
    else kept.reader.start();
  }

  async #end(id: string): Promise<void> {
    const kept = this.#hosts.get(id);
    this.#hosts.delete(id);
    await kept?.reader.stop('off');
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
    return this.#keys.key(id);
  }

  isKeyUsed(id: string): boolean {
    return [...this.#hosts.values()].some((kept) => keyOfHost(this.#keys, kept)?.id === id);
  }

  offered(id: string): OfferedKey | null {
    const kept = this.#hosts.get(id);
    return kept?.reader.offered ?? null;
  }

  accepted(place: string): SshKnownRecord | null {
    return this.#keys.accepted(place);
  }

  views(): readonly SshHostView[] {
    const kept = [...this.#hosts.values()];
    const twins = notesOfTwins(kept, this.#options.seen);
    return kept.map((each) => this.#view(each, twins.get(each.record.id)));
  }

  /** Of each host, for who counts them: no views are made. */
  states(): readonly { readonly state: SshHostState }[] {
    return [...this.#hosts.values()].map(({ reader }) => reader);
  }

  view(id: string): SshHostView | null {
    const kept = this.#hosts.get(id);
    if (kept === undefined) return null;
    return this.#view(kept, notesOfTwins([...this.#hosts.values()], this.#options.seen).get(id));
  }

  keyViews(): readonly SshKeyView[] {
    return this.#keys.views();
  }

  /** New or changed, after it was stored: reading begins anew, unless an agent has its place. */
  async set(record: SshHostRecord): Promise<void> {
    const kept = this.#hosts.get(record.id) ?? this.#keep(record, null);
    kept.record = record;
    kept.lastTest = null;
    await this.#begin(kept);
  }

  async remove(id: string): Promise<void> {
    await this.#end(id);
    await this.setSite(this.#site);
  }

  setKey(key: SshKeyRecord): void {
    this.#keys.set(key);
    for (const { site, reader } of this.#hosts.values())
      if (site?.keyName === key.name && reader.state === 'failing') reader.start();
  }

  forgetKey(id: string): void {
    this.#keys.forget(id);
  }

  /** Whoever waited for it goes on. */
  accept(known: SshKnownRecord): void {
    this.#keys.accept(known);
    for (const { reader } of this.#hosts.values()) if (reader.offered?.place === known.place) reader.start();
  }

  /** Whoever is read by it is let go at once, and waits for its key again. */
  forgetAccepted(place: string): void {
    this.#keys.forgetKnown(place);
    for (const kept of this.#hosts.values())
      if (kept.reader.mayPush && placesOnWay(kept.record).includes(place)) {
        kept.lastTest = null;
        kept.reader.start();
      }
  }

  /** Keys that people accepted on the way to this host, and on the way to no other. */
  acceptedOnlyFor(id: string): readonly SshKnownRecord[] {
    const kept = this.#hosts.get(id);
    if (kept === undefined) return [];
    const others = [...this.#hosts.values()].flatMap(({ record }) => (record.id === id ? [] : [record]));
    const used = new Set([...others, ...this.#site].flatMap(placesOnWay));
    return placesOnWay(kept.record).flatMap((place) => {
      const known = used.has(place) ? null : this.#keys.accepted(place);
      return known === null ? [] : [known];
    });
  }

  /** Null: there is no such host. */
  async test(id: string): Promise<SshTest | null> {
    const kept = this.#hosts.get(id);
    return kept === undefined ? null : this.#tests.run(kept);
  }

  async runRootScript(id: string, script: RootScript): Promise<RootScriptEnd> {
    const kept = this.#hosts.get(id);
    if (kept === undefined) return { outcome: 'no-connection', message: 'the host was removed' };
    return this.#options.door.runRootScript(targetOfHost(kept, this.#keys), script);
  }

  /**
   * An agent pushed: what it tells is not read over SSH too, or it would count twice. `machine` as it says it; null
   * where it says none.
   */
  noteAgent(hostId: string, machine: string | null): void {
    const own = this.#hosts.get(hostId);
    if (own !== undefined && (own.reader.state !== 'stepped-back' || own.reader.isWaitingForAgent))
      void own.reader.stop('stepped-back');
    if (machine === null || !this.#agents.note(hostId, machine)) return;
    for (const { record, reader } of this.#hosts.values())
      if (record.id !== hostId && reader.machine === machine && reader.mayPush)
        reader.giveWay(this.#agents.faultOf(hostId));
  }

  /** The host that is read over SSH, without an agent so far, on this running machine; null where there is none. */
  ofMachine(machine: string): string | null {
    return hostOnMachine([...this.#hosts.values()], machine)?.record.id ?? null;
  }

  /** The running machine that the host was when it was last read; null where that is not known. */
  machineOf(id: string): string | null {
    return this.#hosts.get(id)?.reader.machine ?? null;
  }

  /** No agent has its credential any more: reading begins anew. */
  async resume(id: string): Promise<void> {
    const kept = this.#hosts.get(id);
    if (kept?.reader.state === 'stepped-back') await this.#begin(kept);
  }

  /** Before the first reading is taken. */
  async #admit(id: string, { hostname, machine }: OpenReader): Promise<DoorFault | null> {
    const fault = machine === null ? null : this.#agents.faultFor(machine, id);
    if (fault === null) await this.#options.adopt(id, hostname);
    return fault;
  }

  /** Readings are taken from it: it is an SSH host, and no agent has its place. */
  mayPush(hostId: string): boolean {
    return this.#hosts.get(hostId)?.reader.mayPush === true;
  }

  #keep(record: SshHostRecord, site: SiteSshHost | null): KeptHost {
    const { door, now } = this.#options;
    const kept: KeptHost = {
      record,
      site,
      lastTest: null,
      reader: new Reader({
        door,
        turns: (isAgain) => (isAgain ? this.#turnsAgain : this.#turns),
        now,
        random: Math.random,
        target: async () => targetOfHost(kept, this.#keys),
        wishes: () => this.#wishes(kept.record),
        isAccepted: (place) => this.#keys.accepted(place) !== null,
        onOpen: (open) => this.#admit(record.id, open),
      }),
    };
    this.#hosts.set(record.id, kept);
    return kept;
  }

  #wishes({ id, intervalSeconds }: SshHostRecord): ReadWishes {
    const { push, capture, log } = this.#options;
    return {
      hostId: id,
      intervalSeconds: intervalSeconds ?? this.#options.intervalSeconds,
      push: (body) => push(id, body),
      capture: (sent) => capture(id, sent),
      log: (line) => log(`ssh host ${id}: ${line}`),
    };
  }

  #view(kept: KeptHost, twin: DoorNote | undefined): SshHostView {
    const view = viewOfHost(kept, this.#keys, this.#options.seen(kept.record.id));
    const site = kept.site === null ? noteOfSite(kept.record, this.#site) : null;
    return { ...view, notes: [...view.notes, ...[twin, site].filter((note) => note != null)] };
  }
}
