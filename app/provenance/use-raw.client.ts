'use client';
import { useEffect, useRef, useState } from 'react';
import type { HostDetail, HostRaw } from '../../lib/model/index.ts';

export interface RawState {
  /** A reading of the host, and its text when there is one; both of the same report. */
  readonly host: HostDetail;
  readonly raw: HostRaw | null;
  /** Null while text may still come; else why there is none. */
  readonly problem: string | null;
}

/** Readings kept until their text is there: the answer can belong to the one before or after. */
const keptReadings = 5;
/** The hub asks for text with its next answer to the agent, so it comes within two pushes at the usual pace. */
const waitMilliseconds = 15_000;
const noText = 'The agent sends no raw text: it is older than this hub, or the host does not report.';
const deadlineMilliseconds = 5_000;

async function ask(hostId: string, signal: AbortSignal): Promise<HostRaw> {
  const answer = await fetch(`/api/v1/hosts/${encodeURIComponent(hostId)}/raw`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMilliseconds)]),
  });
  if (!answer.ok) throw new Error(`the hub answered ${answer.status}`);
  return (await answer.json()) as HostRaw;
}

/** The texts of a host's newest reading, asked for with each report while `isOpen`. */
export function useHostRaw(host: HostDetail, isOpen: boolean): RawState {
  const [pair, setPair] = useState<{ host: HostDetail; raw: HostRaw } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const readings = useRef<readonly HostDetail[]>([]);
  const abort = useRef(new AbortController());
  if (readings.current.at(-1) !== host) readings.current = [...readings.current, host].slice(-keptReadings);
  const busy = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opening and closing both start anew
  useEffect(() => {
    setPair(null);
    setProblem(null);
    busy.current = false;
    abort.current = new AbortController();
    return () => abort.current.abort();
  }, [isOpen]);
  const { id, takenAt } = host;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each report is asked for once
  useEffect(() => {
    // A slow answer is waited for: the next report must not throw it away.
    if (!isOpen || busy.current) return;
    busy.current = true;
    const { signal } = abort.current;
    ask(id, signal)
      .then(
        (raw) => {
          const reading = readings.current.findLast((each) => each.takenAt === raw.takenAt);
          if (!signal.aborted && raw.takenAt !== null && reading !== undefined)
            setPair({ host: reading, raw });
        },
        (error: unknown) => {
          if (!signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
        },
      )
      .finally(() => {
        if (!signal.aborted) busy.current = false;
      });
  }, [isOpen, id, takenAt]);
  // A host that stopped reporting says nothing new: without this, nobody would ever be told that no text comes.
  useEffect(() => {
    if (!isOpen || pair !== null) return;
    const timer = setTimeout(() => setProblem(noText), waitMilliseconds);
    return () => clearTimeout(timer);
  }, [isOpen, pair]);
  return pair === null ? { host, raw: null, problem } : { ...pair, problem: null };
}
