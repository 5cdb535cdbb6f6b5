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
  };
}

export interface EnrollAnswer {
  readonly hostId: string;
  /** `gfa_…`: the bearer credential of every push of this host. Shown once, stored hashed. */
  readonly credential: string;
}
