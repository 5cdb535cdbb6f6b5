import { facetAdvice, inferBaseline, issuesOf, judgeHost, matrixOf } from '../../drift/index.ts';
import {
  type Baseline,
  type DriftFinding,
  type ExplainedDrift,
  type FacetChange,
  type FacetName,
  facetNames,
  type StackIssue,
  type VersionsGroup,
  type VersionsHost,
} from '../../model/index.ts';
import type { FacetChangesAsk, FacetValueRecord } from '../../state/state-store.ts';
import { BaselineBook } from './baseline-book.ts';
import { hostNow } from './host-now.ts';
import type { DriftKeeper, DriftOptions } from './keeper.ts';
import { TrackedHost } from './tracked-host.ts';

/** Beyond this many baselines, inferred ones of groups that no host is in are forgotten: group names are anybody's. */
const mostBaselines = 10_000;
/** The timeline goes back so far, and holds no more than so many changes. */
const keptChangesMillis = 400 * 86_400_000;
const mostChanges = 300_000;
const pruneEveryMillis = 3_600_000;

const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

class Keeper implements DriftKeeper {
  readonly #options: DriftOptions;
  readonly #listeners = new Set<(hostIds: readonly string[]) => void>();
  readonly #hosts = new Map<string, TrackedHost>();
  readonly #findings = new Map<string, readonly DriftFinding[]>();
  readonly #issues = new Map<string, readonly StackIssue[]>();
  /** Issues depend on the month: those of branches begin and end by themselves. */
  #judgedDay = '';
  readonly #dirtyHosts = new Set<string>();
  readonly #dirtyGroups = new Set<string>();
  /** Groups in which something changed, and when; looked at for inference once they have settled. */
  readonly #unsettled = new Map<string, number>();
  readonly #stop: (() => void)[] = [];
  readonly baselines = new BaselineBook([]);
  #records: FacetValueRecord[] = [];
  #changes: FacetChange[] = [];
  #prunedAtMillis = 0;
  #writing: Promise<void> | null = null;
  #revision = 0;
  #sorted: readonly VersionsHost[] | null = null;
  #matrix: readonly VersionsGroup[] | null = null;
  #flat: readonly DriftFinding[] | null = null;

  constructor(options: DriftOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { fleet, declared, state, now } = this.#options;
    const [baselines, records, gone] = await Promise.all([
      state.listBaselines(),
      state.listFacetValues(),
      state.listGoneFacets(),
    ]);
    for (const baseline of baselines) this.baselines.put(baseline);
    const known = Map.groupBy(records, ({ hostId }) => hostId);
    const goneOf = Map.groupBy(gone, ({ hostId }) => hostId);
    for (const { id } of fleet.summaries()) {
      const toldAtMillis = fleet.lastReport(id)?.receivedAtMillis ?? null;
      const lost = new Set(goneOf.get(id)?.map(({ facet }) => facet));
      this.#hosts.set(id, new TrackedHost(known.get(id) ?? [], toldAtMillis, lost));
      this.#dirtyHosts.add(id);
    }
    const forgotten = [...known.keys()].filter((hostId) => !fleet.has(hostId));
    if (forgotten.length > 0) await state.removeFacetValues(forgotten);
    this.#stop.push(
      fleet.onChange((hostId) => this.#dirtyHosts.add(hostId)),
      declared.onChange(() => this.#declare()),
    );
    this.#declare();
    this.tick(now());
  }

  findings(): readonly DriftFinding[] {
    this.#flat ??= this.hosts().flatMap(({ id }) => this.findingsOf(id));
    return this.#flat;
  }

  findingsOf(hostId: string): readonly DriftFinding[] {
    return this.#findings.get(hostId) ?? [];
  }

  explain(findings: readonly DriftFinding[]): readonly ExplainedDrift[] {
    const agree = new Map(
      this.matrix().flatMap(({ group, cells }) =>
        cells.map((cell) => [`${cell.facet} ${group}`, cell.agree] as const),
      ),
    );
    return findings.map((finding) => ({
      ...finding,
      peers: agree.get(`${finding.facet} ${finding.group}`) ?? 0,
      fix: facetAdvice[finding.facet],
    }));
  }

  issues(): readonly StackIssue[] {
    return this.hosts().flatMap(({ id }) => this.issuesOf(id));
  }

  issuesOf(hostId: string): readonly StackIssue[] {
    return this.#issues.get(hostId) ?? [];
  }

  changes(ask: FacetChangesAsk): Promise<readonly FacetChange[]> {
    return this.#options.state.listFacetChanges(ask);
  }

  onChange(listener: (hostIds: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hosts(): readonly VersionsHost[] {
    this.#sorted ??= this.#options.fleet.summaries().flatMap(({ id }) => this.host(id) ?? []);
    return this.#sorted;
  }

  host(hostId: string): VersionsHost | null {
    return this.#hosts.get(hostId)?.view ?? null;
  }

  matrix(): readonly VersionsGroup[] {
    const named = this.baselines.all().filter(({ kind }) => kind !== 'inferred');
    this.#matrix ??= matrixOf(
      this.hosts(),
      (group, facet) => this.baselines.effective(group, facet),
      named.map(({ group }) => group),
    );
    return this.#matrix;
  }

  revision(): number {
    return this.#revision;
  }

  async setBaseline(baseline: Baseline): Promise<void> {
    const { state } = this.#options;
    await state.putBaseline(baseline);
    const { group, facet, kind } = baseline;
    if (kind === 'accepted') await this.#removeStored({ group, facet, kind: 'inferred' });
    this.baselines.put(baseline);
    this.#baselinesChanged(group);
  }

  async clearBaseline(group: string, facet: FacetName): Promise<void> {
    await this.#removeStored({ group, facet, kind: 'accepted' });
    await this.#removeStored({ group, facet, kind: 'inferred' });
    this.#baselinesChanged(group);
  }

  tick(nowMillis: number): void {
    const touched = new Set<string>();
    for (const hostId of this.#dirtyHosts) if (this.#take(hostId, nowMillis)) touched.add(hostId);
    this.#dirtyHosts.clear();
    this.#infer(nowMillis);
    if (this.#dirtyGroups.size > 0)
      for (const [id, { view }] of this.#hosts)
        if (view !== null && this.#dirtyGroups.has(view.group)) touched.add(id);
    if (touched.size > 0 || this.#dirtyGroups.size > 0) this.#changed();
    this.#dirtyGroups.clear();
    this.#judge(touched, nowMillis);
    this.#write();
    this.#forgetOldChanges(nowMillis);
  }

  async close(): Promise<void> {
    for (const stop of this.#stop) stop();
    await this.#writing;
    this.#write();
    await this.#writing;
  }

  #changed(): void {
    this.#revision += 1;
    this.#sorted = null;
    this.#matrix = null;
    this.#flat = null;
  }

  #baselinesChanged(group: string): void {
    const now = this.#options.now();
    this.#dirtyGroups.add(group);
    this.#unsettled.set(group, now);
    this.tick(now);
  }

  async #removeStored(which: Pick<Baseline, 'group' | 'facet' | 'kind'>): Promise<void> {
    if (this.baselines.get(which.group, which.facet, which.kind) === null) return;
    await this.#options.state.removeBaseline(which);
    this.baselines.remove(which);
  }

  #take(hostId: string, nowMillis: number): boolean {
    const now = hostNow(this.#options.fleet, hostId);
    if (now === null) return this.#forget(hostId, nowMillis);
    const tracked = this.#hosts.get(hostId) ?? new TrackedHost([], null);
    this.#hosts.set(hostId, tracked);
    const before = tracked.view;
    const { changed, values, changes } = tracked.take(now);
    this.#records.push(...values);
    this.#changes.push(...changes);
    if (!changed) return false;
    for (const group of new Set([before?.group ?? now.group, now.group]))
      this.#unsettled.set(group, nowMillis);
    return true;
  }

  #forget(hostId: string, nowMillis: number): boolean {
    const group = this.#hosts.get(hostId)?.view?.group;
    if (!this.#hosts.delete(hostId)) return false;
    if (group !== undefined) this.#unsettled.set(group, nowMillis);
    this.#records = this.#records.filter((record) => record.hostId !== hostId);
    this.#changes = this.#changes.filter((change) => change.hostId !== hostId);
    this.#keep(`host ${hostId}`, this.#options.state.removeFacetValues([hostId]));
    return true;
  }

  #infer(nowMillis: number): void {
    for (const [group, changedAtMillis] of this.#unsettled) {
      if (nowMillis - changedAtMillis < this.#options.settleMillis) continue;
      this.#unsettled.delete(group);
      for (const facet of facetNames) this.#inferFacet(group, facet, nowMillis);
    }
    if (this.baselines.size > mostBaselines) this.#prune();
  }

  #prune(): void {
    const groups = new Set([...this.#hosts.values()].map(({ view }) => view?.group));
    for (const baseline of this.baselines.all())
      if (baseline.kind === 'inferred' && !groups.has(baseline.group)) {
        this.baselines.remove(baseline);
        this.#keep(`baseline of ${baseline.group}`, this.#options.state.removeBaseline(baseline));
      }
  }

  #inferFacet(group: string, facet: FacetName, nowMillis: number): void {
    if (this.baselines.effective(group, facet) !== null) return;
    const values: string[] = [];
    for (const { view } of this.#hosts.values()) {
      if (view === null || view.group !== group) continue;
      const { value, toldAt } = view.facets[facet];
      if (value !== null && toldAt === null) values.push(value);
    }
    const value = inferBaseline(values);
    if (value === null) return;
    const since = new Date(nowMillis).toISOString();
    const baseline: Baseline = { group, facet, value, kind: 'inferred', since, by: null };
    this.baselines.put(baseline);
    this.#dirtyGroups.add(group);
    this.#keep(`baseline of ${group}`, this.#options.state.putBaseline(baseline));
  }

  #declare(): void {
    const { declared, state, now } = this.#options;
    const since = new Date(now()).toISOString();
    const { put, removed } = this.baselines.declaredChanges(declared.current(), since);
    for (const baseline of put) {
      this.baselines.put(baseline);
      this.#keep(`baseline of ${baseline.group}`, state.putBaseline(baseline));
    }
    for (const baseline of removed) {
      this.baselines.remove(baseline);
      this.#unsettled.set(baseline.group, now());
      this.#keep(`baseline of ${baseline.group}`, state.removeBaseline(baseline));
    }
    for (const { group } of [...put, ...removed]) this.#dirtyGroups.add(group);
  }

  #judge(touched: ReadonlySet<string>, nowMillis: number): void {
    const changed: string[] = [];
    const nowIso = new Date(nowMillis).toISOString();
    const isNewDay = nowIso.slice(0, 10) !== this.#judgedDay;
    this.#judgedDay = nowIso.slice(0, 10);
    for (const id of isNewDay ? new Set([...touched, ...this.#hosts.keys()]) : touched) {
      const view = this.host(id);
      const before = this.findingsOf(id);
      const after =
        view === null ? [] : judgeHost(view, (group, facet) => this.baselines.effective(group, facet));
      const issues = view === null ? [] : issuesOf(view, this.#options.knowledge, nowIso);
      const isSame = sameText(before, after) && sameText(this.issuesOf(id), issues);
      if (isSame) continue;
      if (issues.length === 0) this.#issues.delete(id);
      else this.#issues.set(id, issues);
      if (after.length === 0) this.#findings.delete(id);
      else this.#findings.set(id, after);
      changed.push(id);
    }
    if (changed.length === 0) return;
    this.#flat = null;
    this.#revision += 1;
    for (const listener of this.#listeners) listener(changed);
  }

  /** Values go to the state once a tick and one after the other; what could not be written is tried again. */
  #write(): void {
    const [records, changes] = [this.#records, this.#changes];
    if ((records.length === 0 && changes.length === 0) || this.#writing !== null) return;
    this.#records = [];
    this.#changes = [];
    this.#writing = this.#options.state
      .addFacetValues(records, changes)
      .catch((error: unknown) => {
        const isHere = ({ hostId }: { readonly hostId: string }) => this.#hosts.has(hostId);
        this.#records = [...records.filter(isHere), ...this.#records];
        this.#changes = [...changes.filter(isHere), ...this.#changes];
        this.#options.log(`versions of hosts: ${String(error)}`);
      })
      .then(() => {
        this.#writing = null;
      });
  }

  #forgetOldChanges(nowMillis: number): void {
    if (nowMillis - this.#prunedAtMillis < pruneEveryMillis) return;
    this.#prunedAtMillis = nowMillis;
    const before = new Date(nowMillis - keptChangesMillis).toISOString();
    this.#keep('timeline of versions', this.#options.state.pruneFacetChanges(before, mostChanges));
  }

  #keep(what: string, writing: Promise<void>): void {
    void writing.catch((error: unknown) => this.#options.log(`${what}: ${String(error)}`));
  }
}

export const createDriftKeeper = (options: DriftOptions): DriftKeeper => new Keeper(options);
