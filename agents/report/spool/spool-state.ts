import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface SpoolState {
  readonly epoch: string;
  /** No report of this epoch has had this number or one above. */
  readonly reservedSequence: number;
  readonly droppedReports: number;
}

export const freshState = (): SpoolState => ({ epoch: randomUUID(), reservedSequence: 1, droppedReports: 0 });

/** Null when there is none or it is damaged: then a new epoch begins, which is always safe. */
export function readState(path: string): SpoolState | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { epoch, reservedSequence, droppedReports } = value as Record<string, unknown>;
    if (typeof epoch !== 'string' || epoch.length < 8) return null;
    if (!isCount(reservedSequence) || !isCount(droppedReports)) return null;
    return { epoch, reservedSequence, droppedReports };
  } catch {
    return null;
  }
}

/** Replaces the file in one step, on the disk before it returns. */
export function writeState(path: string, state: SpoolState): void {
  writeDurably(path, JSON.stringify(state));
}

/** Replaces a file's content in one step, on the disk before it returns. */
export function writeDurably(path: string, content: string | Buffer): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
