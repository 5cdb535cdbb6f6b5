import { describe, expect, it } from 'vitest';
import { labelled } from './mark-labels.ts';

describe('labels of marks', () => {
  it('stand at the mark and grow away from the nearer side', () => {
    const marks = [
      { at: 90, label: 'Xid 95' },
      { at: 10, label: 'agent started' },
    ];
    expect(labelled(marks, 0, 100)).toEqual([
      { at: 10, label: 'agent started', anchor: 'start' },
      { at: 90, label: 'Xid 95', anchor: 'end' },
    ]);
  });

  it('are one for marks that are close together, so that none hides another', () => {
    const marks = [1, 2, 3, 4].map((at) => ({ at, label: `m${at}` }));
    expect(labelled(marks, 0, 100)).toEqual([{ at: 1, label: 'm1, m2 +2', anchor: 'start' }]);
    expect(labelled([], 0, 100)).toEqual([]);
  });
});
