import type { RangeResult } from '../../model/index.ts';
import type { StoreError } from '../../state/state-store.ts';
import type { HistoryQuery, OwnerRecord, OwnerUse, OwnerUseQuery } from '../history-store.ts';
import type { AppendOutcome, EngineStats } from './engine.ts';
import type { Reading } from './reading.ts';

/** What the hub's thread asks of the worker, and what each answers. Times come along: the worker reads no clock. */
export interface Operations {
  append: {
    input: { readings: readonly Reading[]; nowMilliseconds: number };
    output: readonly AppendOutcome[];
  };
  query: { input: { query: HistoryQuery; nowMilliseconds: number }; output: RangeResult };
  ownerUse: { input: OwnerUseQuery; output: readonly OwnerUse[] };
  findOwner: { input: { hostId: string; key: string }; output: OwnerRecord | null };
  tick: { input: { nowMilliseconds: number }; output: null };
  stats: { input: null; output: EngineStats };
  close: { input: null; output: null };
}

export type Request = {
  [Name in keyof Operations]: {
    readonly id: number;
    readonly name: Name;
    readonly input: Operations[Name]['input'];
  };
}[keyof Operations];

/** Id 0 is the opening of the database itself. */
export type Reply =
  | { readonly id: number; readonly ok: true; readonly output: unknown }
  | { readonly id: number; readonly ok: false; readonly code: StoreError['code']; readonly message: string };
