import type { Alert, AlertFacts, AlertTally, Silence } from '../../model/index.ts';

const youngestFirst = (a: Alert, b: Alert): number =>
  (b.firedAt ?? b.since) < (a.firedAt ?? a.since) ? -1 : 1;

/** What anyone sees of open alerts, and whether that is another than before. */
export class ShownAlerts {
  readonly #factNumbers = new WeakMap<AlertFacts, number>();
  #lastFactNumber = 0;
  #signs = '';
  #open: readonly Alert[] = [];
  #firing: readonly Alert[] = [];
  #tally: Omit<AlertTally, 'revision'> = { firing: 0, critical: 0 };
  #revision = 0;

  /** Youngest first. */
  get open(): readonly Alert[] {
    return this.#open;
  }

  /** Those that fire, and that nothing keeps quiet. */
  get firing(): readonly Alert[] {
    return this.#firing;
  }

  get tally(): Omit<AlertTally, 'revision'> {
    return this.#tally;
  }

  /** Counts up with each change. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Takes how things stand; true when anyone would see another thing than before. `facts` are the alerts' own, compared
   * by their object: most stay as they are.
   */
  update(
    alerts: readonly { readonly alert: Alert; readonly facts: AlertFacts }[],
    active: readonly Silence[],
  ): boolean {
    const signs = JSON.stringify([
      alerts.map(({ alert: { id, phase, acknowledged, quiet }, facts }) => [
        id,
        phase,
        acknowledged,
        quiet,
        this.#factNumber(facts),
      ]),
      active,
    ]);
    if (signs === this.#signs) return false;
    this.#signs = signs;
    this.#open = alerts.map(({ alert }) => alert).sort(youngestFirst);
    this.#firing = this.#open.filter(({ phase, quiet }) => phase === 'firing' && quiet === null);
    const critical = this.#firing.filter(({ severity }) => severity === 'critical').length;
    this.#tally = { firing: this.#firing.length, critical };
    this.#revision += 1;
    return true;
  }

  #factNumber(facts: AlertFacts): number {
    const known = this.#factNumbers.get(facts);
    if (known !== undefined) return known;
    this.#lastFactNumber += 1;
    this.#factNumbers.set(facts, this.#lastFactNumber);
    return this.#lastFactNumber;
  }
}
