import { randomBytes } from 'node:crypto';
import { type AlertsState, evaluate, type Transition } from '../../alerts/evaluate.ts';
import { type MatchedHost, maintenanceOf, quietOf, silenceState } from '../../alerts/quiet.ts';
import { type FleetReading, rules } from '../../alerts/rules/index.ts';
import type { Acknowledgement, Alert, AlertTally, Silence } from '../../model/index.ts';
import type { AlertRecord } from '../../state/state-store.ts';
import type { AlertCount, Alerting, AlertingPort } from './alerting-port.ts';
import { queueNotices, type Telling } from './queue.ts';
import { asAlert, asRecord, asTracked } from './records.ts';
import { isToTell, tellingsOf } from './tellings.ts';

/** Ticks further apart than this mean that the hub slept, and heard nobody meanwhile. */
const stalledMillis = 3000;
/** How far the held time of a pending alert on disk may lag behind. */
const saveHeldMillis = 10_000;
const pruneEveryMillis = 3_600_000;

const isoOf = (millis: number): string => new Date(millis).toISOString();

class HubAlerting implements Alerting {
  readonly #port: AlertingPort;
  readonly #listeners = new Set<() => void>();
  #state: AlertsState = { tracked: [], evaluatedAtMillis: null };
  #records = new Map<string, AlertRecord>();
  #savedHeld = new Map<string, number>();
  #active: readonly Silence[] = [];
  #listeningFromMillis: number;
  /** Begins with the time, so that it is another one after a restart. */
  #revision: number;
  #shown = '';
  #prunedAtMillis = 0;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failed = false;

  constructor(port: AlertingPort) {
    this.#port = port;
    this.#listeningFromMillis = port.now();
    this.#revision = port.now();
  }

  async load(): Promise<void> {
    const records = await this.#port.state.listOpenAlerts();
    // A rule that is no more cannot end its alerts.
    const known = new Set(rules.map(({ name }) => name));
    const orphans = records.filter(({ rule }) => !known.has(rule));
    if (orphans.length > 0) await this.#endOrphans(orphans);
    const kept = records.filter(({ rule }) => known.has(rule));
    this.#records = new Map(kept.map((record) => [record.id, record]));
    this.#state = { tracked: kept.map(asTracked), evaluatedAtMillis: null };
    this.#listeningFromMillis = this.#port.now();
    await this.#readSilences();
    this.#announce();
  }

  tick(): Promise<void> {
    return this.#waiting > 0 ? this.#turn : this.#inTurn(() => this.#step());
  }

  refresh(): Promise<void> {
    return this.#inTurn(() => this.#step());
  }

  open(): readonly Alert[] {
    return [...this.#records.values()]
      .map((record) => this.shown(record))
      .sort((a, b) => ((b.firedAt ?? b.since) < (a.firedAt ?? a.since) ? -1 : 1));
  }

  counts(): readonly AlertCount[] {
    const firing = Map.groupBy(this.#firing(), ({ rule }) => rule);
    return rules.map(({ name, severity }) => {
      const own = firing.get(name) ?? [];
      const hostIds = [...new Set(own.flatMap(({ hosts }) => hosts.map(({ id }) => id)))];
      return { rule: name, severity, firing: own.length, hostIds };
    });
  }

  tally(): AlertTally {
    const firing = this.#firing();
    const critical = firing.filter(({ severity }) => severity === 'critical').length;
    return { firing: firing.length, critical, revision: this.#revision };
  }

  shown(record: AlertRecord): Alert {
    const quiet = quietOf({ rule: record.rule, hosts: record.facts.hosts }, this.#active, (id) =>
      this.#port.fleet.summary(id),
    );
    return asAlert(record, quiet);
  }

  async acknowledge(id: string, acknowledged: Acknowledgement | null): Promise<Alert | null> {
    let alert: Alert | null = null;
    await this.#inTurn(async () => {
      const record = this.#records.get(id);
      if (record === undefined) return;
      const changed = { ...record, acknowledged };
      await this.#port.state.changeAlerts({ put: [changed], removed: [], queued: [] });
      this.#records.set(id, changed);
      this.#announce();
      alert = this.shown(changed);
    });
    return alert;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  noteDelivery(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#saveHeld(0).catch((error: unknown) => this.#port.log(`alerts: ${String(error)}`));
    await this.#port.courier.close();
  }

  #firing(): readonly Alert[] {
    return this.open().filter(({ phase, quiet }) => phase === 'firing' && quiet === null);
  }

  /** One after the other, so that nothing that is read is old when it is written. Rejects as `work` does. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    const mine = this.#turn.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** A store that cannot be written leaves everything as it was: the next second tries again. */
  async #step(): Promise<void> {
    try {
      await this.#readSilences();
      await this.#evaluate();
      await this.#saveHeld(saveHeldMillis);
      await this.#port.courier.run();
      await this.#prune();
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) this.#port.log(`alerts: ${String(error)}`);
      this.#failed = true;
    }
    this.#announce();
  }

  async #readSilences(): Promise<void> {
    const { state, fleet, now } = this.#port;
    const open = await state.listOpenSilences(isoOf(now()));
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

  #reading(nowMillis: number): FleetReading {
    const { fleet, drift } = this.#port;
    const hosts = fleet.standings();
    const last = this.#state.evaluatedAtMillis;
    if (last !== null && Math.abs(nowMillis - last) > stalledMillis) this.#listeningFromMillis = nowMillis;
    return { hosts, drift: drift(), listeningFromMillis: this.#listeningFromMillis };
  }

  async #evaluate(): Promise<void> {
    const { now, state, times, groupWaitSeconds } = this.#port;
    const nowMillis = now();
    const reading = this.#reading(nowMillis);
    const newId = () => randomBytes(8).toString('hex');
    const next = evaluate(this.#state, reading, nowMillis, { times, newId });
    const change = this.#changeOf(next.transitions, nowMillis);
    const records = new Map(this.#records);
    for (const id of [...change.removed, ...change.over.map((record) => record.id)]) records.delete(id);
    for (const record of change.put) records.set(record.id, record);
    const tellings = await this.#tellings([...records.values()], change.over);
    const told = new Map(tellings.map(({ alert }) => [alert.id, alert]));
    const queued = await queueNotices(state, tellings, { nowMillis, waitSeconds: groupWaitSeconds });
    const put = [
      ...new Map([...change.put, ...change.over, ...told.values()].map((each) => [each.id, each])).values(),
    ];
    if (put.length + change.removed.length + queued.length > 0)
      await state.changeAlerts({ put, removed: change.removed, queued });
    for (const record of put) if (records.has(record.id)) records.set(record.id, record);
    this.#state = next.state;
    this.#records = records;
    for (const record of put) this.#savedHeld.set(record.id, record.heldMillis);
    for (const id of this.#savedHeld.keys()) if (!records.has(id)) this.#savedHeld.delete(id);
  }

  #changeOf(transitions: readonly Transition[], nowMillis: number) {
    const put: AlertRecord[] = [];
    const over: AlertRecord[] = [];
    const removed: string[] = [];
    for (const transition of transitions) {
      const { alert } = transition;
      const record = asRecord(alert, this.#records.get(alert.id), nowMillis);
      if (transition.kind === 'dropped') removed.push(alert.id);
      else if (transition.kind === 'resolved') {
        const { reason: resolution } = transition;
        over.push({ ...record, phase: 'resolved', resolvedAt: isoOf(nowMillis), resolution });
      } else put.push(record);
    }
    return { put, over, removed };
  }

  async #tellings(open: readonly AlertRecord[], over: readonly AlertRecord[]): Promise<readonly Telling[]> {
    if (over.length === 0 && !open.some(isToTell)) return [];
    const channels = (await this.#port.state.listChannels()).map(({ id }) => id);
    return tellingsOf({ open, over }, { channels, isQuiet: (record) => this.shown(record).quiet !== null });
  }

  async #saveHeld(lagMillis: number): Promise<void> {
    const put: AlertRecord[] = [];
    for (const tracked of this.#state.tracked) {
      const before = this.#records.get(tracked.id);
      if (before === undefined || tracked.phase !== 'pending') continue;
      const record = { ...before, heldMillis: tracked.heldMillis };
      this.#records.set(tracked.id, record);
      if (tracked.heldMillis - (this.#savedHeld.get(tracked.id) ?? 0) > lagMillis) put.push(record);
    }
    if (put.length === 0) return;
    await this.#port.state.changeAlerts({ put, removed: [], queued: [] });
    for (const record of put) this.#savedHeld.set(record.id, record.heldMillis);
  }

  async #endOrphans(orphans: readonly AlertRecord[]): Promise<void> {
    const resolvedAt = isoOf(this.#port.now());
    const resolution = 'this hub has no such rule any more';
    await this.#port.state.changeAlerts({
      put: orphans
        .filter(({ phase }) => phase === 'firing')
        .map((record) => ({ ...record, phase: 'resolved', resolvedAt, resolution })),
      removed: orphans.filter(({ phase }) => phase === 'pending').map(({ id }) => id),
      queued: [],
    });
  }

  async #prune(): Promise<void> {
    const nowMillis = this.#port.now();
    if (nowMillis - this.#prunedAtMillis < pruneEveryMillis) return;
    this.#prunedAtMillis = nowMillis;
    await this.#port.state.pruneAlerts(isoOf(nowMillis - this.#port.retentionSeconds * 1000));
  }

  /** Tells listeners when something that anyone sees has changed. */
  #announce(): void {
    const shown = JSON.stringify([this.open(), this.#active]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}

export const createAlerting = (port: AlertingPort): Alerting => new HubAlerting(port);
