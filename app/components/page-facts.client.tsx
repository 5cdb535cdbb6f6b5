'use client';
import { createContext, type ReactNode, useContext } from 'react';
import type { Role } from '../places.ts';

/** What every page of this visit has in common. */
export interface PageFacts {
  readonly role: Role;
  /** The hub signs its certificate itself: programs must be told its authority, /agent/ca.pem. */
  readonly hasOwnAuthority: boolean;
}

const Facts = createContext<PageFacts>({ role: 'viewer', hasOwnAuthority: false });

export function PageFactsProvider({ facts, children }: { facts: PageFacts; children: ReactNode }) {
  return <Facts value={facts}>{children}</Facts>;
}

/** The role of whoever looks, and how programs reach this hub. The hub checks every change again. */
export const usePageFacts = (): PageFacts => useContext(Facts);
