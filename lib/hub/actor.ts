import type { Role } from '../state/state-store.ts';

/** Who asks. Every operation takes one as its first argument and checks it on its first line. */
export type Actor =
  | { readonly kind: 'stranger' }
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      /** Public id of the session that asks. */
      readonly sessionId?: string;
    }
  | {
      readonly kind: 'token';
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      readonly scope: 'api' | 'scrape';
    }
  | { readonly kind: 'agent'; readonly hostId: string }
  | { readonly kind: 'system' };
