import type { SshTest } from '../../model/index.ts';
import type { SshHostRecord } from '../../state/state-store.ts';
import type { DoorTarget, SshDoor } from './door.ts';
import type { KeptHost } from './kept-host.ts';
import { shownKey } from './places.ts';
import { createTurns } from './turns.ts';

/** Apart from those that read: whoever tests many hosts holds up no reading. */
const mostAtOnce = 4;

interface HostTestsOptions {
  readonly door: SshDoor;
  readonly now: () => number;
  /** Throws where its key is not there. */
  readonly targetOf: (kept: KeptHost) => DoorTarget;
}

/** Tests that people ask for. */
export class HostTests {
  readonly #options: HostTestsOptions;
  readonly #turns = createTurns(mostAtOnce);
  /** Under way, by the settings that they are of. */
  readonly #running = new WeakMap<SshHostRecord, Promise<SshTest>>();

  constructor(options: HostTestsOptions) {
    this.#options = options;
  }

  /** A host is tested once at a time: whoever asks meanwhile gets the same answer. */
  run(kept: KeptHost): Promise<SshTest> {
    const { record } = kept;
    const test = this.#running.get(record) ?? this.#try(kept).finally(() => this.#running.delete(record));
    this.#running.set(record, test);
    return test;
  }

  async #try(kept: KeptHost): Promise<SshTest> {
    const { door, now, targetOf } = this.#options;
    const { record } = kept;
    const { steps, offered } = await this.#turns.take(async () => door.test(targetOf(kept)));
    const at = new Date(now()).toISOString();
    const test = { at, steps, offeredKey: offered === null ? null : shownKey(offered) };
    if (kept.record !== record) return test;
    kept.lastTest = test;
    // What a test finds out, reading should too: now, and not after a long wait.
    const isGood = steps.every(({ name, outcome }) => name === 'docker' || outcome === 'ok');
    const isKeyKnown = steps.some(({ name, outcome }) => name === 'key-known' && outcome === 'ok');
    const { state, isWaitingForKey } = kept.reader;
    if ((isGood && state === 'failing') || (isKeyKnown && isWaitingForKey)) kept.reader.start();
    return test;
  }
}
