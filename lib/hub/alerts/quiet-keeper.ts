import {
  inhibitedBy,
  type MatchedHost,
  maintenanceOf,
  outOfService,
  quietOf,
  silencedHosts,
  silenceState,
} from '../../alerts/quiet.ts';
import type { AlertQuiet, Silence } from '../../model/index.ts';
import type { AlertRecord } from '../../state/state-store.ts';
import type { AlertingPort } from './alerting-port.ts';

/** Knows what keeps each alert quiet: people, other alerts, and schedulers. */
export class QuietKeeper {
  readonly #port: Pick<AlertingPort, 'state' | 'fleet' | 'now'>;
  #active: readonly Silence[] = [];
  #silenced: ReturnType<typeof silencedHosts> = new Map();

  constructor(port: Pick<AlertingPort, 'state' | 'fleet' | 'now'>) {
    this.#port = port;
  }

  /** Silences and maintenance that count now. */
  get active(): readonly Silence[] {
    return this.#active;
  }

  /** Reads what people decided, and shows maintenance on its hosts. Rejects with StoreError. */
  async read(): Promise<void> {
    const { state, fleet, now } = this.#port;
    const open = await state.listOpenSilences(new Date(now()).toISOString());
    this.#active = open.filter((silence) => silenceState(silence, now()) === 'active');
    const isKept = this.#active.some(({ kind }) => kind === 'maintenance');
    const kept = new Map(
      (isKept ? fleet.summaries() : []).flatMap((host: MatchedHost) => {
        const found = maintenanceOf(host, this.#active);
        return found === null ? [] : [[host.id, { until: found.endsAt, reason: found.reason }] as const];
      }),
    );
    fleet.setMaintenance(kept);
  }

  /** Takes what is open now: alerts of which hosts do not answer keep those of the same hosts quiet. */
  note(records: Iterable<AlertRecord>): void {
    const firing = [...records].filter(({ phase }) => phase === 'firing');
    this.#silenced = silencedHosts(
      firing.map(({ rule, facts: { hosts, cause } }) => ({ rule, hosts, cause })),
    );
  }

  /** What people decided is told first, then what follows from another alert or from a scheduler. */
  quietOf(record: AlertRecord): AlertQuiet | null {
    const { hosts } = record.facts;
    const host = (id: string) => this.#port.fleet.summary(id);
    const told = quietOf({ ...record.facts, rule: record.rule }, this.#active, host);
    if (told !== null) return told;
    const cause = inhibitedBy({ rule: record.rule, hosts }, this.#silenced);
    if (cause !== null)
      return { kind: 'inhibited', silenceId: null, until: null, reason: `“${cause}” says it already` };
    const reasons = hosts.map(({ id }) => {
      const known = host(id);
      return known === null ? null : outOfService(known);
    });
    const [reason] = reasons;
    if (reason == null || reasons.some((each) => each === null)) return null;
    return { kind: 'out-of-service', silenceId: null, until: null, reason };
  }
}
