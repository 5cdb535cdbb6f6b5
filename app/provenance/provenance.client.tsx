'use client';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import type { FieldOrigin, HostDetail } from '../../lib/model/index.ts';
import { OriginPopover } from './origin-popover.client.tsx';
import type { Subject } from './subject.ts';

type Open = (subject: Subject, anchor: HTMLElement) => void;

const Provenance = createContext<Open | null>(null);

interface ProvenanceProps {
  readonly host: HostDetail;
  readonly origins: readonly FieldOrigin[];
  readonly serverTime: string;
  readonly children: ReactNode;
}

/** Around a page of one host: its numbers, each in an <Origin>, open to where they came from. */
export function ProvenanceProvider({ host, origins, serverTime, children }: ProvenanceProps) {
  const [subject, setSubject] = useState<Subject | null>(null);
  const anchor = useRef<HTMLElement | null>(null);
  const open = useCallback<Open>((asked, element) => {
    const isSame = anchor.current === element;
    anchor.current = element;
    setSubject((now) => (isSame && now !== null ? null : asked));
  }, []);
  const popover = useMemo(() => ({ anchor, close: () => setSubject(null) }), []);
  return (
    <Provenance value={open}>
      {children}
      <OriginPopover {...popover} subject={subject} host={host} origins={origins} serverTime={serverTime} />
    </Provenance>
  );
}

/** A number that opens to where it came from. Outside a ProvenanceProvider just the number. */
export function Origin({ of, children }: { of: Subject; children: ReactNode }) {
  const open = useContext(Provenance);
  if (open === null) return children;
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      data-origin={'field' in of ? of.field : of.kind}
      onClick={(event) => open(of, event.currentTarget)}
      className="cursor-help text-inherit decoration-line-strong decoration-dotted underline-offset-4 hover:underline"
    >
      {children}
      <span className="sr-only">, where {of.label} comes from</span>
    </button>
  );
}
