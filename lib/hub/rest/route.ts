import type { z } from 'zod';
import type { Role } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';

export interface RestCall {
  readonly actor: Actor;
  readonly context: HubContext;
  /** The `{…}` of the path, decoded; empty where there is none. */
  readonly id: string;
  readonly search: URLSearchParams;
  /** What the route's body schema read; undefined where the route takes none. */
  readonly body: unknown;
  /** Header of the request by its name in lower case; null when not sent. */
  readonly header: (name: string) => string | null;
}

/** A schema under its name in the OpenAPI document. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: z.ZodType;
}

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With at most one `{id}`, which takes one segment. */
  readonly path: string;
  /** Checked before anything is read, and again by the operation. */
  readonly role: Role;
  readonly summary: string;
  readonly parameters: z.ZodType;
  /** What the request carries as JSON; null: no body is read. */
  readonly body: NamedSchema | null;
  /** Null: 204 without a body. */
  readonly answer: NamedSchema | null;
  readonly run: (call: RestCall) => Promise<unknown>;
}

/** A route whose `run` gets its body as the schema read it. */
export function withBody<T>(
  route: Omit<RestRoute, 'body' | 'run'> & {
    readonly body: { readonly name: string; readonly schema: z.ZodType<T> };
    readonly run: (call: RestCall & { readonly body: T }) => Promise<unknown>;
  },
): RestRoute {
  // The caller of `run` reads the body with this very schema.
  return { ...route, run: (call) => route.run(call as RestCall & { readonly body: T }) };
}
