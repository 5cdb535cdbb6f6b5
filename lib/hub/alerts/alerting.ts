import { randomBytes } from 'node:crypto';
import { notifiers } from '../../alerts/channels/index.ts';
import { type AlertsState, evaluate, type Transition } from '../../alerts/evaluate.ts';
import type { FleetReading } from '../../alerts/rules/index.ts';
import type { Acknowledgement, Alert, AlertTally } from '../../model/index.ts';
import type { AlertRecord } from '../../state/state-store.ts';
import type { AlertCount, Alerting, AlertingPort } from './alerting-port.ts';
import { queueNotices, type Telling } from './queue.ts';
import { QuietKeeper } from './quiet-keeper.ts';
import { asAlert, asRecord, asTracked } from './records.ts';
import { ShownAlerts } from './shown-alerts.ts';
import { isToTell, tellingsOf } from './tellings.ts';

/** Ticks further apart than this mean that the hub slept or its clock was set, and heard nobody meanwhile. */
const stalledMillis = 3000;
/** How far the held time of a pending alert on disk may lag behind. */
const saveHeldMillis = 10_000;
/** Of a long wait, it may lag by so much of it. */
const savedShare = 0.01;
const pruneEveryMillis = 3_600_000;

/** Longer than this nothing else of the hub waits. */
const sliceMilliseconds = 5;

async function inSlices(steps: Iterable<void>): Promise<void> {
  let sliceEnd = performance.now() + sliceMilliseconds;
  for (const _ of steps) {
    if (performance.now() < sliceEnd) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEnd = performance.now() + sliceMilliseconds;
  }
}

const isoOf = (millis: number): string => new Date(millis).toISOString();

class HubAlerting implements Alerting {
  readonly #port: AlertingPort;
  readonly #listeners = new Set<() => void>();
  readonly #quiet: QuietKeeper;
  readonly #shown = new ShownAlerts();
  #state: AlertsState = { tracked: [], evaluatedAtMillis: null };
  #records = new Map<string, AlertRecord>();
  #savedHeld = new Map<string, number>();
  #listeningFromMillis: number;
  /** Begins with the time, so that it is another one after a restart. */
  #revision: number;
  #prunedAtMillis = 0;
  #beatMillis: number | null = null;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failed = false;

  constructor(port: AlertingPort) {
    this.#port = port;
    this.#quiet = new QuietKeeper(port);
    this.#listeningFromMillis = port.now();
    this.#revision = port.now();
  }

  async load(): Promise<void> {
    const records = await this.#port.state.listOpenAlerts();
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#state = { tracked: records.map(asTracked), evaluatedAtMillis: null };
    this.#listeningFromMillis = this.#port.now();
    rememberGpus(this.#port.fleet, records);
    await this.#port.health.load();
    await this.#quiet.read();
    this.#announce();
  }

  tick(): Promise<void> {
    this.#beat();
    return this.#waiting > 0 ? this.#turn : this.#inTurn(() => this.#step());
  }

  refresh(): Promise<void> {
    this.#beat();
    return this.#inTurn(() => this.#step());
  }

  open(): readonly Alert[] {
    return this.#shown.open;
  }

  reading(): FleetReading {
    const { fleet, drift, issues, compat, ssh, health, hubVersion } = this.#port;
    const listeningFromMillis = this.#listeningFromMillis;
    return {
      hosts: fleet.standings(),
      drift: drift(),
      compat: compat(),
      issues: issues(),
      listeningFromMillis,
      channels: health.readings(),
      ssh: ssh(),
      hubVersion,
    };
  }

  counts(): readonly AlertCount[] {
    const firing = Map.groupBy(this.#shown.firing, ({ rule }) => rule);
    return this.#port.ruleSet().rules.map(({ name, severity }) => {
      const own = firing.get(name) ?? [];
      const hostIds = [...new Set(own.flatMap(({ hosts }) => hosts.map(({ id }) => id)))];
      return { rule: name, severity, firing: own.length, hostIds };
    });
  }

  tally(): AlertTally {
    return { ...this.#shown.tally, revision: this.#revision };
  }

  shown(record: AlertRecord): Alert {
    return asAlert(record, this.#quiet.quietOf(record));
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
    await this.#port.teller.close();
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
      await this.#quiet.read();
      await this.#port.health.refresh();
      await this.#evaluate();
      await this.#saveHeld(saveHeldMillis);
      await this.#port.courier.run();
      this.#announce();
      await this.#port.teller.run({ firing: this.#shown.firing, revision: this.#shown.revision });
      await this.#prune();
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) this.#port.log(`alerts: ${String(error)}`);
      this.#failed = true;
    }
    this.#announce();
  }

  /** By when it is called and not by when evaluations end: while a disk is slow the hub hears its hosts. */
  #beat(): void {
    const nowMillis = this.#port.now();
    const last = this.#beatMillis;
    if (last !== null && Math.abs(nowMillis - last) > stalledMillis) this.#listeningFromMillis = nowMillis;
    this.#beatMillis = nowMillis;
  }

  async #evaluate(): Promise<void> {
    const { now, state, times, groupWaitSeconds, ruleSet } = this.#port;
    const nowMillis = now();
    const reading = this.reading();
    await inSlices(ruleSet().judge.prepare(reading));
    const newId = () => randomBytes(8).toString('hex');
    const next = evaluate(this.#state, reading, nowMillis, { times, newId, rules: ruleSet().rules });
    const change = this.#changeOf(next.transitions, nowMillis);
    const records = new Map(this.#records);
    for (const id of [...change.removed, ...change.over.map((record) => record.id)]) records.delete(id);
    for (const record of change.put) records.set(record.id, record);
    this.#quiet.note(records.values());
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
    const channels = (await this.#port.state.listChannels()).filter(
      ({ kind }) => notifiers[kind].told === 'notice',
    );
    return tellingsOf({ open, over }, { channels, isQuiet: (record) => this.shown(record).quiet !== null });
  }

  async #saveHeld(lagMillis: number): Promise<void> {
    const put: AlertRecord[] = [];
    const { rules } = this.#port.ruleSet();
    const waits = new Map(rules.map(({ name, afterSeconds }) => [name, afterSeconds(this.#port.times)]));
    for (const tracked of this.#state.tracked) {
      const before = this.#records.get(tracked.id);
      if (before === undefined || tracked.phase !== 'pending') continue;
      const record = { ...before, heldMillis: tracked.heldMillis };
      const waitMillis = (waits.get(tracked.rule) ?? 0) * 1000;
      this.#records.set(tracked.id, record);
      if (
        tracked.heldMillis - (this.#savedHeld.get(tracked.id) ?? 0) >
        Math.max(lagMillis, lagMillis > 0 ? waitMillis * savedShare : 0)
      )
        put.push(record);
    }
    if (put.length === 0) return;
    await this.#port.state.changeAlerts({ put, removed: [], queued: [] });
    for (const record of put) this.#savedHeld.set(record.id, record.heldMillis);
  }

  async #prune(): Promise<void> {
    const nowMillis = this.#port.now();
    if (Math.abs(nowMillis - this.#prunedAtMillis) < pruneEveryMillis) return;
    this.#prunedAtMillis = nowMillis;
    await this.#port.state.pruneAlerts(isoOf(nowMillis - this.#port.retentionSeconds * 1000));
  }

  /** Tells listeners when something that anyone sees has changed. */
  #announce(): void {
    this.#quiet.note(this.#records.values());
    const shown = [...this.#records.values()].map((record) => ({
      alert: this.shown(record),
      facts: record.facts,
    }));
    if (!this.#shown.update(shown, this.#quiet.active)) return;
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** What an alert says that a host had stays known over a restart, or the alert would end with it. */
function rememberGpus(fleet: AlertingPort['fleet'], records: readonly AlertRecord[]): void {
  for (const { rule, facts, beganAt } of records) {
    const count = Number(facts.labels?.['gpus_before']);
    const [host] = facts.hosts;
    if (rule === 'gpu-fewer' && host !== undefined && Number.isInteger(count))
      fleet.rememberGpus(host.id, count, Date.parse(beganAt));
  }
}

export const createAlerting = (port: AlertingPort): Alerting => new HubAlerting(port);
