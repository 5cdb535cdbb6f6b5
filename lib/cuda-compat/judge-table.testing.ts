import { describe, expect, it } from 'vitest';
import type { CompatContainer, CompatHost, CompatWay, VerdictKind } from '../model/index.ts';
import { type SourceName, sources } from './data/sources.ts';
import { judge } from './judge.ts';

export interface Row {
  readonly what: string;
  readonly host: CompatHost;
  readonly container: CompatContainer;
  /** Read off the document, and never computed. */
  readonly verdict: VerdictKind;
  readonly way: CompatWay | null;
  /** Part of the error text; null: there is none. */
  readonly error: string | null;
  /** What must be named as missing; null: nothing is. */
  readonly missing: string | null;
  /** The document that decides it. */
  readonly document: SourceName;
}

type Ran = 'native' | 'minor-version' | 'forward-compat';
type Case = readonly [what: string, host: CompatHost, container: CompatContainer];

/** One document's cases. */
export const by = (document: SourceName) => ({
  runs: (...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'runs', way: 'native', error: null, missing: null },
  }),
  limits: (way: Ran, ...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'runs-with-limits', way, error: null, missing: null },
  }),
  fails: (error: string, ...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'fails-at-init', way: null, error, missing: null },
  }),
  refused: (error: string, ...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'refused-at-start', way: null, error, missing: null },
  }),
  noGpu: (error: string, ...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'gpu-not-supported', way: null, error, missing: null },
  }),
  unknown: (missing: string, ...[what, host, container]: Case): Row => ({
    ...{ what, host, container, document, verdict: 'unknown', way: null, error: null, missing },
  }),
});

/** Judges each row, and that its document is among the reasons. */
export function describeRows(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows.map((row) => [row.what, row] as const))('%s', (_, row) => {
      const verdict = judge(row.host, row.container);
      expect(verdict).toMatchObject({ verdict: row.verdict, way: row.way });
      if (row.error === null) expect(verdict.errorText).toBeNull();
      else expect(verdict.errorText).toContain(row.error);
      if (row.missing === null) expect(verdict.missing).toEqual([]);
      else expect(verdict.missing.map(({ fact }) => fact)).toContain(row.missing);
      expect(verdict.reasons.map(({ source }) => source).join('\n')).toContain(sources[row.document].title);
    });
  });
}
