import type { SshHostCondition, SshHostState } from '../../model/index.ts';
import type { DoorFault, DoorNote, DoorTarget, OfferedKey, OpenReader, ReadWishes, SshDoor } from './door.ts';
import type { Turns } from './turns.ts';

const firstWaitSeconds = 5;
const longestWaitSeconds = 300;
/** A connection that held so long was a good one: the next wait is a short one again. */
const goodAfterSeconds = 60;
/** Whether the agent of the same machine still reports. */
const twinWaitSeconds = 60;

/** A person has to act: trying again would tell nothing new. */
const stops: Readonly<Record<string, SshHostState>> = {
  'unknown-key': 'waiting-for-key',
  'changed-key': 'key-changed',
  'revoked-key': 'key-revoked',
};

export interface ReaderOptions {
  readonly door: SshDoor;
  /** `isAgain`: the last tries came to nothing. They wait by themselves, so that hosts that are gone hold up no other. */
  readonly turns: (isAgain: boolean) => Turns;
  readonly now: () => number;
  readonly random: () => number;
  /** As it is now: settings and keys change. Rejects with one line. */
  readonly target: () => Promise<DoorTarget>;
  readonly wishes: () => ReadWishes;
  /** Whether a key was accepted before for a place: another kind of key is then a change too. */
  readonly isAccepted: (place: string) => boolean;
  /** Before its first reading is taken; why none is to be, or null. */
  readonly onOpen: (open: OpenReader) => Promise<DoorFault | null>;
}

/** Reads one host for as long as it is wanted: connects, tries again, waits for people. Touches no other. */
export class Reader {
  readonly #options: ReaderOptions;
  #state: SshHostState = 'connecting';
  #condition: SshHostCondition | null = null;
  #offered: OfferedKey | null = null;
  #notes: readonly DoorNote[] = [];
  #open: OpenReader | null = null;
  #machine: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #failures = 0;
  /** Counts starts and stops, so that what an older one still does has no effect. */
  #turn = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get state(): SshHostState {
    return this.#state;
  }
  get condition(): SshHostCondition | null {
    return this.#condition;
  }
  get offered(): OfferedKey | null {
    return this.#offered;
  }
  get notes(): readonly DoorNote[] {
    return this.#notes;
  }
  /** As it was when it last answered. */
  get machine(): string | null {
    return this.#machine;
  }
  /** Readings are taken from it. */
  get mayPush(): boolean {
    return this.#state !== 'stepped-back' && this.#state !== 'off';
  }
  get isWaitingForKey(): boolean {
    return Object.values(stops).includes(this.#state);
  }
  /** An agent under another id tells of this machine; it is read again when that is gone. */
  get isWaitingForAgent(): boolean {
    return this.#state === 'stepped-back' && this.#condition !== null;
  }

  /** Now, whatever it waited for. */
  start(): void {
    void this.#halt();
    this.#failures = 0;
    this.#offered = null;
    this.#set('connecting', null);
    void this.#connect(this.#turn);
  }

  /** Ends reading; `state` says why it does not read. */
  async stop(state: SshHostState): Promise<void> {
    this.#offered = null;
    this.#set(state, null);
    await this.#halt();
  }

  /**
   * Ends reading because another tells of this machine, and looks now and then whether that is still so. What waits for a
   * person goes on waiting: a changed key is no less of an alarm.
   */
  giveWay(fault: DoorFault): void {
    if (Object.values(stops).includes(this.#state)) return;
    void this.#halt();
    this.#failed(fault, this.#turn);
  }

  async #halt(): Promise<void> {
    this.#turn += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const open = this.#open;
    this.#open = null;
    await open?.stop();
  }

  async #connect(turn: number): Promise<void> {
    const { door, turns, target, wishes } = this.#options;
    let found: OpenReader | DoorFault;
    try {
      found = await turns(this.#failures > 1).take(async () =>
        turn === this.#turn ? door.open(await target(), wishes()) : { code: 'cut', text: '', offered: null },
      );
    } catch (error) {
      found = {
        code: 'settings',
        text: error instanceof Error ? error.message : String(error),
        offered: null,
      };
    }
    if ('stop' in found) await this.#read(found, turn);
    else if (turn === this.#turn) this.#failed(found, turn);
  }

  async #read(open: OpenReader, turn: number): Promise<void> {
    if (turn !== this.#turn) {
      await open.stop();
      return;
    }
    this.#open = open;
    this.#notes = open.notes;
    this.#machine = open.machine;
    this.#offered = null;
    const since = this.#options.now();
    const fault = await this.#options
      .onOpen(open)
      .catch((error: unknown): DoorFault => ({ code: 'settings', text: String(error), offered: null }));
    if (fault !== null) {
      if (turn === this.#turn) this.#open = null;
      await open.stop();
      if (turn === this.#turn) this.#failed(fault, turn);
      return;
    }
    if (turn !== this.#turn) return;
    this.#set('reading', null);
    await open.gone;
    if (turn !== this.#turn) return;
    this.#open = null;
    if (this.#options.now() - since >= goodAfterSeconds * 1000) this.#failures = 0;
    this.#failed(
      { code: 'cut', text: 'The connection was cut; the hub connects again.', offered: null },
      turn,
    );
  }

  #failed(fault: DoorFault, turn: number): void {
    this.#offered = fault.offered;
    const { offered } = fault;
    const stop =
      fault.code === 'unknown-key' && offered !== null && this.#options.isAccepted(offered.place)
        ? 'key-changed'
        : stops[fault.code];
    const since =
      this.#condition?.code === fault.code
        ? this.#condition.since
        : new Date(this.#options.now()).toISOString();
    const isTwin = fault.code === 'same-machine';
    this.#set(stop ?? (isTwin ? 'stepped-back' : 'failing'), { code: fault.code, text: fault.text, since });
    if (stop !== undefined) return;
    this.#failures += 1;
    const seconds = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (this.#failures - 1));
    const wait = isTwin ? twinWaitSeconds : fault.code === 'cut' && this.#failures === 1 ? 1 : seconds;
    this.#timer = setTimeout(
      () => void this.#connect(turn),
      wait * 1000 * (0.5 + this.#options.random() / 2),
    );
    this.#timer.unref();
  }

  #set(state: SshHostState, condition: SshHostCondition | null): void {
    this.#state = state;
    this.#condition = condition;
  }
}
