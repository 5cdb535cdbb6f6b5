/**
 * POST /api/v1/enroll with `Authorization: Bearer gfe_…` (the enrolment token) and this JSON body; 201 with
 * EnrollAnswer. 401 unknown or expired token, 409 the host id belongs to another credential, 422 bad fields, 429.
 */
export interface EnrollRequest {
  readonly host: {
    /** UUID that the agent generated at its first start. */
    readonly id: string;
    readonly hostname: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly labelSources?: Readonly<Record<string, string>> | undefined;
    /** See ReportingHost. An agent that says it takes the id of the answer for its own; older ones leave it out. */
    readonly machine?: string | undefined;
  };
}

export interface EnrollAnswer {
  /** The host that this agent is: another than it said where the hub knew its machine already, read over SSH. */
  readonly hostId: string;
  /** `gfa_…`: the bearer credential of every push of this host. Shown once, stored hashed. */
  readonly credential: string;
}
