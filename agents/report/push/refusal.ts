import { problemContentType, problemTypePrefix } from '../../../lib/protocol/limits.ts';
import type { HubAnswer } from './hub-client.ts';

/** `retry`: soon, it may pass by itself. `refused`: a person has to do something; asked again, but seldom. */
export interface Refusal {
  readonly kind: 'retry' | 'refused';
  readonly message: string;
  readonly retryAfter?: string | undefined;
}

const longestDetail = 500;

/** A refusal by the hub itself. */
export interface HubProblem {
  /** JSON pointers of what it refuses; empty when it names nothing. */
  readonly pointers: readonly string[];
}

/** Null unless the hub itself speaks: a proxy or another program at its address decides nothing for it. */
export function hubProblem({ contentType, body }: HubAnswer): HubProblem | null {
  if (contentType?.split(';', 1)[0]?.trim().toLowerCase() !== problemContentType) return null;
  try {
    const { type, errors } = JSON.parse(body) as Record<string, unknown>;
    if (typeof type !== 'string' || !type.startsWith(problemTypePrefix)) return null;
    const named = Array.isArray(errors) ? errors.map((error) => error?.pointer) : [];
    return { pointers: named.filter((pointer) => typeof pointer === 'string') };
  } catch {
    return null;
  }
}

/** Status and what the problem document says, on one line. */
export function describeAnswer({ status, body }: HubAnswer): string {
  const said = detailOf(body);
  return `the hub answered ${status}${said === '' ? '' : `: ${said}`}`;
}

function detailOf(body: string): string {
  try {
    const { title, detail, errors } = JSON.parse(body) as Record<string, unknown>;
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    const { pointer, detail: why } = (first ?? {}) as Record<string, unknown>;
    const where = typeof pointer === 'string' ? ` (${pointer}: ${String(why)})` : '';
    return oneLine(`${typeof detail === 'string' ? detail : String(title ?? '')}${where}`);
  } catch {
    return oneLine(body);
  }
}

const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, longestDetail);
