import type { DoorFault } from './door.ts';

interface Known {
  readonly seen: (hostId: string) => { readonly hostname: string } | null;
  /** It reported lately. */
  readonly isReporting: (hostId: string) => boolean;
}

/** Which agents report, by the running machine that each says it is on. In memory: each push says it again. */
export class AgentMachines {
  readonly #known: Known;
  readonly #hostOf = new Map<string, string>();
  readonly #machineOf = new Map<string, string>();

  constructor(known: Known) {
    this.#known = known;
  }

  /** True when that is news. */
  note(hostId: string, machine: string): boolean {
    const before = this.#machineOf.get(hostId);
    if (before === machine) return false;
    if (before !== undefined && this.#hostOf.get(before) === hostId) this.#hostOf.delete(before);
    this.#machineOf.set(hostId, machine);
    this.#hostOf.set(machine, hostId);
    return true;
  }

  /** Why the machine is not read over SSH too; null where no agent of another id tells of it. */
  faultFor(machine: string, ownId: string): DoorFault | null {
    const hostId = this.#hostOf.get(machine);
    if (hostId === undefined || hostId === ownId || !this.#known.isReporting(hostId)) return null;
    return this.faultOf(hostId);
  }

  faultOf(hostId: string): DoorFault {
    const name = this.#known.seen(hostId)?.hostname ?? hostId;
    return {
      code: 'same-machine',
      text: `The agent of this machine reports, as ${name} (${hostId}), so it is not read over SSH too. When that agent is gone, the hub reads it again.`,
      offered: null,
    };
  }
}
