import type { StackKnowledge } from '../../drift/index.ts';
import type { Fleet } from '../../fleet/index.ts';
import type {
  Baseline,
  DriftFinding,
  ExplainedDrift,
  FacetChange,
  FacetName,
  StackIssue,
  VersionsGroup,
  VersionsHost,
} from '../../model/index.ts';
import type { FacetChangesAsk, VersionsState } from '../../state/state-store.ts';
import type { BaselineBook, DeclaredBaselines } from './baseline-book.ts';

/** What runs where, since when, and what differs. Nothing is done per push: hosts that changed are read at the tick. */
export interface DriftKeeper {
  /** Reads what was known, and judges it; call it once, after the fleet was restored. Rejects with StoreError. */
  open(): Promise<void>;
  /** By hostname, then in the order of the facets. Those of inferred baselines are among them, marked as such. */
  findings(): readonly DriftFinding[];
  findingsOf(hostId: string): readonly DriftFinding[];
  /** The same with peers and the fix. */
  explain(findings: readonly DriftFinding[]): readonly ExplainedDrift[];
  /** By hostname. What is wrong whatever the baselines say. */
  issues(): readonly StackIssue[];
  issuesOf(hostId: string): readonly StackIssue[];
  /** The timeline, the newest first; what was seen within the last second may not be in it yet. */
  changes(ask: FacetChangesAsk): Promise<readonly FacetChange[]>;
  /** Called with the hosts whose findings or issues changed, at least one. Returns what ends it. */
  onChange(listener: (hostIds: readonly string[]) => void): () => void;
  /** By hostname. */
  hosts(): readonly VersionsHost[];
  host(hostId: string): VersionsHost | null;
  /** Facets by group, with what counts of the baselines. */
  matrix(): readonly VersionsGroup[];
  readonly baselines: Pick<BaselineBook, 'get' | 'effective' | 'all'>;
  /** Changes whenever anything that `hosts`, `matrix`, `findings` or `baselines` say does. */
  revision(): number;
  /** Resolves when it is on disk and counts. A person's replaces the inferred one. */
  setBaseline(baseline: Baseline): Promise<void>;
  /** Forgets the accepted and the inferred one; what the hosts agree on may be inferred anew. */
  clearBaseline(group: string, facet: FacetName): Promise<void>;
  /** Takes in what hosts told since the last call; call it each second. */
  tick(nowMillis: number): void;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

export interface DriftOptions {
  readonly fleet: Fleet;
  readonly state: VersionsState;
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** What NVIDIA publishes of versions. */
  readonly knowledge: StackKnowledge;
  /** Baselines of the fleet file. */
  readonly declared: {
    current(): DeclaredBaselines;
    onChange(listener: () => void): () => void;
  };
  /** A group that has said the same for so long is what it is: only then is a baseline inferred. */
  readonly settleMillis: number;
}
