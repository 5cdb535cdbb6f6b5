import type { ChannelReading } from '../../alerts/rules/index.ts';
import type { ChannelHealth } from '../../model/index.ts';
import type { ChannelRecord, StateStore } from '../../state/state-store.ts';

interface Part {
  lastSuccessAtMillis: number | null;
  failingSinceMillis: number | null;
  lastError: string | null;
}

/** How it goes to each channel, whoever sends. */
export interface ChannelHealthBook {
  /** Takes over what was kept before the hub's start. Rejects with StoreError. */
  load(): Promise<void>;
  /** `part`: one of several addresses of a channel. `error`: null when it arrived. */
  note(
    channelId: string,
    told: { readonly part?: string; readonly error: string | null; readonly atMillis: number },
  ): void;
  of(channelId: string): ChannelHealth;
  /** Reads which channels there are; call it before each evaluation. */
  refresh(): Promise<void>;
  readings(): readonly ChannelReading[];
}

const isoOrNull = (millis: number | null): string | null =>
  millis === null ? null : new Date(millis).toISOString();

const none: Part = { lastSuccessAtMillis: null, failingSinceMillis: null, lastError: null };

/** Of several addresses the one that fails longest speaks for the channel. */
function worst(parts: Iterable<Part>): Part {
  let found = none;
  for (const part of parts) {
    const isFirst = found === none;
    const fails = part.failingSinceMillis !== null;
    const failsLonger =
      fails &&
      (found.failingSinceMillis === null || (part.failingSinceMillis ?? 0) < found.failingSinceMillis);
    if (isFirst || failsLonger) found = part;
  }
  return found;
}

export function createChannelHealth(
  state: Pick<StateStore, 'listChannels' | 'lastDelivery'>,
): ChannelHealthBook {
  const book = new Map<string, Map<string, Part>>();
  let channels: readonly ChannelRecord[] = [];
  const partOf = (channelId: string, name: string): Part => {
    const parts = book.get(channelId) ?? new Map<string, Part>();
    book.set(channelId, parts);
    const part = parts.get(name) ?? { ...none };
    parts.set(name, part);
    return part;
  };
  const note: ChannelHealthBook['note'] = (channelId, { part: name = '', error, atMillis }) => {
    const part = partOf(channelId, name);
    part.lastError = error;
    if (error === null) {
      part.lastSuccessAtMillis = atMillis;
      part.failingSinceMillis = null;
    } else part.failingSinceMillis ??= atMillis;
  };
  return {
    note,
    async load() {
      channels = await state.listChannels();
      for (const { id } of channels) {
        const last = await state.lastDelivery(id);
        if (last === null) continue;
        const at = Date.parse(
          last.state === 'delivered' ? (last.finishedAt ?? last.createdAt) : last.createdAt,
        );
        const error = last.state === 'delivered' ? null : (last.lastError ?? 'not delivered yet');
        note(id, { error, atMillis: at });
      }
    },
    of(channelId) {
      const parts = book.get(channelId);
      if (parts === undefined)
        return { state: 'unused', failingSince: null, lastSuccessAt: null, lastError: null };
      const { failingSinceMillis, lastSuccessAtMillis, lastError } = worst(parts.values());
      return {
        state: failingSinceMillis === null ? 'ok' : 'failing',
        failingSince: isoOrNull(failingSinceMillis),
        lastSuccessAt: isoOrNull(lastSuccessAtMillis),
        lastError,
      };
    },
    async refresh() {
      channels = await state.listChannels();
      const known = new Set(channels.map(({ id }) => id));
      for (const id of book.keys()) if (!known.has(id)) book.delete(id);
    },
    readings: () =>
      channels.map(({ id, name }) => {
        const { failingSinceMillis, lastError } = worst(book.get(id)?.values() ?? []);
        return { id, name, failingSinceMillis, lastError };
      }),
  };
}
