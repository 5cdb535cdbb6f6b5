import { strongest } from '../../drift/index.ts';
import type { Baseline, BaselineKind, FacetName } from '../../model/index.ts';

/** Baselines that a file declares, by group. */
export type DeclaredBaselines = ReadonlyMap<string, Partial<Readonly<Record<FacetName, string>>>>;

const placeOf = (group: string, facet: FacetName): string => `${facet} ${group}`;

/** All baselines of all kinds, in memory. Whoever changes it writes the change down. */
export class BaselineBook {
  readonly #places = new Map<string, Map<BaselineKind, Baseline>>();

  constructor(baselines: Iterable<Baseline>) {
    for (const baseline of baselines) this.put(baseline);
  }

  put(baseline: Baseline): void {
    const key = placeOf(baseline.group, baseline.facet);
    const kinds = this.#places.get(key) ?? new Map<BaselineKind, Baseline>();
    this.#places.set(key, kinds.set(baseline.kind, baseline));
  }

  remove({ group, facet, kind }: Pick<Baseline, 'group' | 'facet' | 'kind'>): void {
    const key = placeOf(group, facet);
    const kinds = this.#places.get(key);
    kinds?.delete(kind);
    if (kinds?.size === 0) this.#places.delete(key);
  }

  /** Groups and facets that have one. */
  get size(): number {
    return this.#places.size;
  }

  get(group: string, facet: FacetName, kind: BaselineKind): Baseline | null {
    return this.#places.get(placeOf(group, facet))?.get(kind) ?? null;
  }

  /** The one that counts. */
  effective(group: string, facet: FacetName): Baseline | null {
    return strongest(this.#places.get(placeOf(group, facet))?.values() ?? []);
  }

  all(): readonly Baseline[] {
    return [...this.#places.values()].flatMap((kinds) => [...kinds.values()]);
  }

  /** What must be put and removed so that the declared ones are these; one that stays keeps its `since`. */
  declaredChanges(
    declared: DeclaredBaselines,
    since: string,
  ): { readonly put: readonly Baseline[]; readonly removed: readonly Baseline[] } {
    const removed = new Map(
      this.all()
        .filter(({ kind }) => kind === 'declared')
        .map((each) => [placeOf(each.group, each.facet), each]),
    );
    const put: Baseline[] = [];
    for (const [group, values] of declared)
      for (const [facet, value] of Object.entries(values) as [FacetName, string][]) {
        const key = placeOf(group, facet);
        if (removed.get(key)?.value !== value)
          put.push({ group, facet, value, kind: 'declared', since, by: null });
        removed.delete(key);
      }
    return { put, removed: [...removed.values()] };
  }
}
