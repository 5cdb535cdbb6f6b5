/** Closed vocabulary of what an operation can refuse; `lib/hub/problem.ts` maps it to a status once, at the edge. */
export type HubErrorCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  | 'unprocessable'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media-type'
  | 'method-not-allowed'
  | 'too-many-requests'
  | 'unavailable'
  | 'internal';

export interface FieldError {
  /** JSON pointer, or the query parameter's name. */
  readonly pointer: string;
  readonly detail: string;
}

export class HubError extends Error {
  readonly code: HubErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
  constructor(
    code: HubErrorCode,
    detail: string,
    extra: { errors?: readonly FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(detail, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'HubError';
    this.code = code;
    this.errors = extra.errors ?? [];
    this.retryAfterSeconds = extra.retryAfterSeconds ?? null;
  }
}

/** A field of a request that cannot be taken as it is. @param pointer JSON pointer of the field */
export const refusedField = (pointer: string, detail: string): HubError =>
  new HubError('unprocessable', detail, { errors: [{ pointer, detail }] });
