import { problemContentType, problemTypePrefix } from '../protocol/limits.ts';
import { StoreError } from '../state/state-store.ts';
import { type FieldError, HubError, type HubErrorCode } from './errors.ts';

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

const statusAndTitle: Readonly<Record<HubErrorCode, readonly [number, string]>> = {
  unauthenticated: [401, 'Not signed in'],
  forbidden: [403, 'Not allowed'],
  'not-found': [404, 'Not found'],
  invalid: [400, 'Bad request'],
  unprocessable: [422, 'Unprocessable content'],
  conflict: [409, 'Conflict'],
  'too-large': [413, 'Content too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'method-not-allowed': [405, 'Method not allowed'],
  'too-many-requests': [429, 'Too many requests'],
  unavailable: [503, 'Unavailable'],
  internal: [500, 'Internal error'],
};

export { problemContentType };
export const problemTypeOf = (code: HubErrorCode): string => `${problemTypePrefix}${code}`;

/** Any thrown value as an error of the closed vocabulary; what is not ours tells a stranger nothing. */
export function toHubError(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof StoreError && error.code === 'too-large') {
    const detail = 'Asks for too much history at once: narrow the selection, or take a longer step.';
    return new HubError('invalid', detail, { errors: [{ pointer: 'select', detail }], cause: error });
  }
  if (error instanceof StoreError)
    return new HubError('unavailable', 'The hub cannot reach its store right now.', {
      retryAfterSeconds: 5,
      cause: error,
    });
  return new HubError('internal', 'The hub made a mistake; its log tells more.', { cause: error });
}

export function problemOf(error: HubError): Problem {
  const [status, title] = statusAndTitle[error.code];
  const base = { type: problemTypeOf(error.code), title, status, detail: error.message };
  return error.errors.length === 0 ? base : { ...base, errors: error.errors };
}

/** Headers that go with a problem: what it is, who to be, when to come back. */
export function problemHeaders(error: HubError): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': problemContentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="gpufleet"';
  if (error.retryAfterSeconds !== null) headers['retry-after'] = String(error.retryAfterSeconds);
  return headers;
}
