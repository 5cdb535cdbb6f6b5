import type { SshKeyView } from '../../model/index.ts';
import type { SshKeyRecord, SshKnownRecord, StateStore } from '../../state/state-store.ts';
import type { Sealer } from '../sealed.ts';
import type { DoorKey } from './door.ts';

/** The hub's keys for hosts over SSH, and the host keys that people accepted. */
export class KeyBook {
  readonly #sealer: Sealer;
  readonly #keys = new Map<string, SshKeyRecord>();
  readonly #known = new Map<string, SshKnownRecord>();

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  async load(state: Pick<StateStore, 'listSshKeys' | 'listSshKnown'>): Promise<void> {
    for (const key of await state.listSshKeys()) this.#keys.set(key.id, key);
    for (const known of await state.listSshKnown()) this.#known.set(known.place, known);
  }

  key(id: string): SshKeyRecord | null {
    return this.#keys.get(id) ?? null;
  }

  named(name: string): SshKeyRecord | null {
    return [...this.#keys.values()].find((key) => key.name === name) ?? null;
  }

  views(): readonly SshKeyView[] {
    return [...this.#keys.values()].map(({ id, name, kind, publicLine, createdAt }) => ({
      id,
      name,
      kind,
      publicLine,
      createdAt,
    }));
  }

  set(key: SshKeyRecord): void {
    this.#keys.set(key.id, key);
  }

  forget(id: string): void {
    this.#keys.delete(id);
  }

  /** To log in with. Throws an Error with one line for one that was sealed by another hub. */
  doorKey({ kind, path, secret }: SshKeyRecord): DoorKey {
    const opened = secret === null ? null : this.#sealer.open(secret);
    return kind === 'made' ? { text: opened ?? '' } : { path: path ?? '', passphrase: opened };
  }

  accepted(place: string): SshKnownRecord | null {
    return this.#known.get(place) ?? null;
  }

  accept(known: SshKnownRecord): void {
    this.#known.set(known.place, known);
  }

  forgetKnown(place: string): void {
    this.#known.delete(place);
  }

  /** What people accepted, as a known_hosts file has it. */
  knownHosts(): string {
    return [...this.#known.values()].map(({ line }) => line).join('\n');
  }
}
