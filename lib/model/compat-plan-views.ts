import type { BranchSupport, CompatChange, KnownVulnerability, PlanNote } from './compat-plan.ts';
import type { ContainerCompat } from './compat-views.ts';

/** Body of POST /api/v1/compat/plan. Without driver and toolkit it asks for the oldest supported driver for all. */
export interface CompatPlanRequest {
  readonly driver?: string | undefined;
  readonly toolkit?: string | undefined;
  /** Hosts of these groups, and with these labels (`key=value`); all unless told. */
  readonly group?: readonly string[] | undefined;
  readonly label?: readonly string[] | undefined;
}

/** A container whose verdict a plan changes. */
export interface PlannedContainerView {
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly hostId: string;
  readonly hostname: string;
  readonly group: string;
  readonly before: ContainerCompat;
  readonly after: ContainerCompat;
}

/** Answer of POST /api/v1/compat/plan. */
export interface CompatPlanView {
  readonly change: CompatChange;
  /** That a plan looks at; hosts that do not report are left out. */
  readonly hosts: number;
  readonly containers: number;
  readonly starts: readonly PlannedContainerView[];
  readonly stops: readonly PlannedContainerView[];
  readonly differs: readonly PlannedContainerView[];
  /** Containers whose verdict is not known, before and after. */
  readonly unknown: number;
  readonly notes: readonly (PlanNote & { readonly hostnames: readonly string[] })[];
  readonly support: BranchSupport | null;
  readonly closed: readonly KnownVulnerability[];
  readonly left: readonly KnownVulnerability[];
  /** The oldest supported driver on which everything there runs. */
  readonly oldest: {
    /** Null: there is none; `blockers` are what fails on the driver on which the fewest do. */
    readonly driver: string | null;
    readonly support: BranchSupport | null;
    readonly blockers: readonly PlannedContainerView[];
    readonly unknown: number;
  };
}
