import { isToldOf } from '../../model/index.ts';
import type { AlertRecord, ChannelRecord } from '../../state/state-store.ts';
import type { Telling } from './queue.ts';

/** Fires, and nobody said that they have seen it. */
export const isToTell = ({ phase, acknowledged }: AlertRecord): boolean =>
  phase === 'firing' && acknowledged === null;

/**
 * Who is still to be told. By what is true and not by what changed: so an alert whose silence ends, and one that a
 * crash came in between, is told as well. What was told of an alert is told of its end.
 */
export function tellingsOf(
  { open, over }: { readonly open: readonly AlertRecord[]; readonly over: readonly AlertRecord[] },
  to: {
    readonly channels: readonly Pick<ChannelRecord, 'id' | 'options'>[];
    readonly isQuiet: (record: AlertRecord) => boolean;
  },
): readonly Telling[] {
  const begun = open.filter(isToTell).flatMap((record) => {
    const untold = to.channels
      .filter(({ id, options }) => !record.told.includes(id) && isToldOf(options, record.facts.severity))
      .map(({ id }) => id);
    if (untold.length === 0 || to.isQuiet(record)) return [];
    const alert = { ...record, told: [...record.told, ...untold] };
    return untold.map((channelId): Telling => ({ channelId, event: 'firing', alert }));
  });
  const ended = over.flatMap((alert) =>
    alert.told
      .filter((told) => to.channels.some(({ id }) => id === told))
      .map((channelId): Telling => ({ channelId, event: 'resolved', alert })),
  );
  return [...begun, ...ended];
}
