/** Something that happened, as a line across a chart. */
export interface ChartMark {
  /** Unix milliseconds. */
  readonly at: number;
  readonly label: string;
}

export interface MarkLabel extends ChartMark {
  /** Which end of the words stands at the mark. */
  readonly anchor: 'start' | 'end';
}

/** Marks closer than this share of the axis have one label together. */
const closeShare = 0.15;

/** One line of words for the marks of an axis from `from` to `to`, none over another. */
export function labelled(marks: readonly ChartMark[], from: number, to: number): readonly MarkLabel[] {
  const groups: ChartMark[][] = [];
  for (const mark of marks.toSorted((a, b) => a.at - b.at)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group !== undefined && first !== undefined && mark.at - first.at < (to - from) * closeShare)
      group.push(mark);
    else groups.push([mark]);
  }
  return groups.flatMap((group): readonly MarkLabel[] => {
    const [first, second, ...others] = group;
    if (first === undefined) return [];
    const words = second === undefined ? first.label : `${first.label}, ${second.label}`;
    const label = others.length === 0 ? words : `${words} +${others.length}`;
    return [{ at: first.at, label, anchor: first.at - from > (to - from) * 0.6 ? 'end' : 'start' }];
  });
}
