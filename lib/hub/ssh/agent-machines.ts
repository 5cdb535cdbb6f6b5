/** Which agents report, by the running machine that each says it is on. In memory: each push says it again. */
export class AgentMachines {
  readonly #hostOf = new Map<string, string>();
  readonly #machineOf = new Map<string, string>();

  /** True when that is news. */
  note(hostId: string, machine: string): boolean {
    const before = this.#machineOf.get(hostId);
    if (before === machine) return false;
    if (before !== undefined && this.#hostOf.get(before) === hostId) this.#hostOf.delete(before);
    this.#machineOf.set(hostId, machine);
    this.#hostOf.set(machine, hostId);
    return true;
  }

  hostOf(machine: string): string | null {
    return this.#hostOf.get(machine) ?? null;
  }
}
