/** One agent process as a push names it. */
export interface SeenAgent {
  /** Its spool's epoch and its start: no process ever goes back to an earlier one. */
  readonly process: string;
  readonly hostname: string;
  readonly peer: string;
}

interface Watched {
  readonly current: SeenAgent;
  readonly before: SeenAgent | null;
  /** When it went back to one that had been followed by another. */
  readonly returnsAtMillis: readonly number[];
}

/** A late push after a restart looks like one return; two machines go back and forth. */
const returnsThatTell = 2;
const withinMillis = 15 * 60_000;

/** Tells when two agents report as one host, as a cloned machine and its original do. */
export class TwoAgentsWatch {
  readonly #hosts = new Map<string, Watched>();

  /** The other agent, once it is certain that there are two; null otherwise. */
  see(hostId: string, agent: SeenAgent, nowMillis: number): SeenAgent | null {
    const known = this.#hosts.get(hostId);
    if (known === undefined || known.current.process === agent.process) {
      if (known === undefined) this.#hosts.set(hostId, { current: agent, before: null, returnsAtMillis: [] });
      return null;
    }
    const isReturn = known.before?.process === agent.process;
    const recent = known.returnsAtMillis.filter((at) => nowMillis - at < withinMillis);
    const returnsAtMillis = isReturn ? [...recent, nowMillis].slice(-returnsThatTell) : recent;
    this.#hosts.set(hostId, { current: agent, before: known.current, returnsAtMillis });
    return isReturn && returnsAtMillis.length >= returnsThatTell ? known.current : null;
  }

  forget(hostId: string): void {
    this.#hosts.delete(hostId);
  }
}
