import { isMap, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { Baseline } from '../model/index.ts';

export interface FleetFileAdditions {
  /** Each becomes a declared one of its group; one of the same group and facet in the text is replaced. */
  readonly baselines: readonly Pick<Baseline, 'group' | 'facet' | 'value' | 'kind' | 'since' | 'by'>[];
  /** Groups that hosts are in by a label that only the hub has, by hostname. */
  readonly hostGroups: ReadonlyMap<string, string>;
}

const quoted = (value: string): Scalar => {
  const scalar = new Scalar(value);
  // Other readers would make a number of 13.0.
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
};

/** The map below a key; one is made where there is none, or where nothing stands behind the key. */
function mapAt(parent: YAMLMap, key: string, create: () => YAMLMap): YAMLMap {
  const found: unknown = parent.get(key, true);
  if (isMap(found)) {
    found.flow = false;
    return found as YAMLMap;
  }
  const made = create();
  parent.set(key, made);
  return made;
}

/**
 * The text of a fleet file with more in it; comments and the order of what it had stay. `text` must be one that
 * readFleetFile takes, or null for none.
 */
export function writeFleetFile(text: string | null, { baselines, hostGroups }: FleetFileAdditions): string {
  const document = parseDocument(text ?? '', { schema: 'failsafe', prettyErrors: false });
  const create = (): YAMLMap => document.createNode({}) as YAMLMap;
  if (!isMap(document.contents)) document.contents = create() as never;
  const top = document.contents as unknown as YAMLMap;
  for (const [hostname, group] of hostGroups) {
    const labels = mapAt(mapAt(mapAt(top, 'hosts', create), hostname, create), 'labels', create);
    if (!labels.has('group')) labels.set('group', quoted(group));
  }
  for (const { group, facet, value, kind, since, by } of baselines) {
    const baseline = mapAt(mapAt(mapAt(top, 'groups', create), group, create), 'baseline', create);
    const scalar = quoted(value);
    scalar.comment = ` ${kind} ${since.slice(0, 10)}${by === null ? '' : ` by ${by}`}`;
    baseline.set(facet, scalar);
  }
  return document.toString({ lineWidth: 0 });
}
