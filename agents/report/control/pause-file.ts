import { readFileSync, rmSync } from 'node:fs';
import { longestPauseSeconds, type Pause } from '../../../lib/model/index.ts';
import type { PauseOrder, Pauses } from '../../collect/pauses/index.ts';
import { writeDurably } from '../spool/spool-state.ts';

/** What a person asked for outlives the agent: a restart in the middle of a driver upgrade must not open the GPUs. */
const keptKinds = ['command', 'hub'] as const;

type Kept = Pick<Pause, 'kind' | 'until' | 'by' | 'reason'>;

/** Orders in the file that still hold; what cannot be read holds nothing. */
export function keptOrders(path: string, nowMilliseconds: number): readonly PauseOrder[] {
  let all: unknown;
  try {
    all = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
  if (!Array.isArray(all)) return [];
  return all.flatMap((each: unknown) => {
    const { kind, until, by, reason } = (each ?? {}) as Partial<Record<keyof Kept, unknown>>;
    const known = keptKinds.find((name) => name === kind);
    const forSeconds = (Date.parse(String(until)) - nowMilliseconds) / 1000;
    if (known === undefined || !(forSeconds > 0 && forSeconds <= longestPauseSeconds)) return [];
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return [{ kind: known, forSeconds, by: text(by), reason: text(reason) }];
  });
}

/** Takes up what the file holds, and keeps it true from then on. */
export function keepPauses(path: string, pauses: Pauses, onFailure: (message: string) => void): void {
  for (const order of keptOrders(path, Date.now())) void pauses.pause(order);
  let written = '';
  pauses.onChange(() => {
    const kept: Kept[] = keptKinds.flatMap((kind) => {
      const pause = pauses.of(kind);
      return pause === null ? [] : [{ kind, until: pause.until, by: pause.by, reason: pause.reason }];
    });
    const text = `${JSON.stringify(kept)}\n`;
    if (text === written) return;
    try {
      if (kept.length === 0) rmSync(path, { force: true });
      else writeDurably(path, text);
      written = text;
    } catch (error) {
      onFailure(`${path}: ${(error as Error).message}; the pause does not outlive this agent`);
    }
  });
}
