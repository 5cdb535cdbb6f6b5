import type { Role } from '../places.ts';

/** Something that can be done from where one is, offered by search. */
export interface SearchAction {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly role: Role;
  /** Does it; a text is shown for a moment before the box closes. */
  readonly run: () => string | undefined | Promise<string | undefined>;
}
