import type { z } from 'zod';
import type { Push } from '../model/index.ts';
import type { EnrollRequest } from './enroll-types.ts';
import { acceptedProtocols, pushLimits } from './limits.ts';
import { jsonExcess } from './nesting.ts';
import { enrollSchema, pushSchema } from './push-schema.ts';
import { sureCheck } from './sure-check.ts';

export interface WireError {
  /** JSON pointer into the body. */
  readonly pointer: string;
  readonly detail: string;
}

/** `unreadable`: not JSON, nested too deep, or of too many values. `version`: a protocol that this hub does not speak. `invalid`: see errors. */
export type WireResult<T> =
  | { readonly outcome: 'read'; readonly value: T }
  | {
      readonly outcome: 'unreadable' | 'version' | 'invalid';
      readonly detail: string;
      readonly errors: readonly WireError[];
    };

const maxErrors = 20;
/** A list ends at its first broken item: an error each of a hundred thousand items would take seconds to gather. */
const endEarly: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true };
const utf8 = new TextDecoder('utf-8', { fatal: true });

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Of a bad key zod says only that it is bad; why is within. */
const messageOf = (issue: z.core.$ZodIssue): string =>
  (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined) ?? issue.message;

/** zod's issues as JSON pointers, at most 20. */
export const wireErrors = (error: z.ZodError): WireError[] =>
  error.issues
    .slice(0, maxErrors)
    .map((issue) => ({ pointer: pointerOf(issue.path), detail: messageOf(issue) }));

const isSurelyPush = sureCheck(pushSchema);

const unreadable = (detail: string) => ({ outcome: 'unreadable', detail, errors: [] }) as const;

function readJson(body: Uint8Array): { readonly json: unknown } | ReturnType<typeof unreadable> {
  const { nestingDepth: maxDepth, values: maxValues } = pushLimits;
  const excess = jsonExcess(body, { maxDepth, maxValues });
  if (excess === 'depth') return unreadable(`The body is nested deeper than ${maxDepth} levels.`);
  if (excess === 'values') return unreadable(`The body holds more than ${maxValues} values.`);
  try {
    return { json: JSON.parse(utf8.decode(body)) };
  } catch {
    return unreadable('The body is not JSON in UTF-8.');
  }
}

function checked<T>(schema: z.ZodType<T>, json: unknown): WireResult<T> {
  const result = schema.safeParse(json, endEarly);
  if (result.success) return { outcome: 'read', value: result.data };
  const errors = wireErrors(result.error);
  return { outcome: 'invalid', detail: `${errors.length} fields are not as the schema says.`, errors };
}

/** Reads the inflated body of a push. Never throws. */
export function readPush(body: Uint8Array): WireResult<Push> {
  const read = readJson(body);
  if ('outcome' in read) return read;
  const { json } = read;
  const protocol =
    typeof json === 'object' && json !== null && 'protocol' in json ? json.protocol : undefined;
  if (typeof protocol === 'number' && !acceptedProtocols.includes(protocol)) {
    const detail = `Protocol ${protocol} is not spoken here; this hub speaks ${acceptedProtocols.join(', ')}.`;
    return { outcome: 'version', detail, errors: [{ pointer: '/protocol', detail }] };
  }
  if (isSurelyPush(json)) return { outcome: 'read', value: json as Push };
  return checked<Push>(pushSchema, json);
}

/** Reads the body of an enrolment. Never throws. */
export function readEnroll(body: Uint8Array): WireResult<EnrollRequest> {
  const read = readJson(body);
  return 'outcome' in read ? read : checked<EnrollRequest>(enrollSchema, read.json);
}
