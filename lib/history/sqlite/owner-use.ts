import { StoreError } from '../../state/state-store.ts';
import type { OwnerRecord, OwnerUse, OwnerUseQuery } from '../history-store.ts';
import type { Catalogue } from './catalogue.ts';
import { countSpells, minutesPerDay } from './minute-states.ts';
import { addSums, noSums } from './owner-days.ts';
import type { Owners } from './owners.ts';
import type { Rollups } from './rollups.ts';
import type { Track, Tracks } from './tracks.ts';

export interface OwnerSources {
  readonly tracks: Tracks;
  readonly rollups: Rollups;
  readonly owners: Owners;
  readonly catalogue: Pick<Catalogue, 'hostId' | 'hostNumber'>;
}

const secondsPerDay = 86_400;
const bytesPerMebibyte = 2 ** 20;

function checked({ fromSeconds, toSeconds, idleAfterSeconds }: OwnerUseQuery) {
  const fromDay = fromSeconds / secondsPerDay;
  const toDay = toSeconds / secondsPerDay;
  const leastMinutes = idleAfterSeconds / 60;
  if (!Number.isInteger(fromDay) || !Number.isInteger(toDay) || fromDay >= toDay)
    throw new StoreError('failed', 'accounts of owners are asked for by whole days of UTC');
  if (!Number.isInteger(leastMinutes) || leastMinutes < 1 || leastMinutes > minutesPerDay)
    throw new StoreError('failed', 'idle time is asked for by whole minutes, at most a day');
  return { fromDay, toDay, leastMinutes };
}

/** One account a track: a GPU that moved between hosts has one on each. */
export function readOwnerUse(query: OwnerUseQuery, sources: OwnerSources, maxRows: number): OwnerUse[] {
  const { fromDay, toDay, leastMinutes } = checked(query);
  const within = { from: fromDay * minutesPerDay, to: toDay * minutesPerDay };
  const uses: OwnerUse[] = [];
  let rows = 0;
  for (const track of sources.tracks.ofOwners(fromDay * 24, toDay * 24)) {
    const sums = noSums();
    const spells = countSpells(leastMinutes, within);
    // The days beside them too: a spell is as long as it is, whichever month it begins in.
    rows += sources.rollups.eachDayOf(
      { track: track.id, fromDay: fromDay - 1, toDay: toDay + 1 },
      (day, own) => {
        if (day >= fromDay && day < toDay) addSums(sums, own.sums);
        spells.day(day, own.runs);
      },
    );
    if (rows > maxRows) throw new StoreError('too-large', `the accounts are more than ${maxRows} rows`);
    if (sums.milliseconds > 0) uses.push(toUse(track, sources, { sums, idleMilliseconds: spells.end() }));
  }
  return uses;
}

interface Account {
  readonly sums: ReturnType<typeof noSums>;
  readonly idleMilliseconds: number;
}

function toUse(
  track: Track,
  { owners, catalogue }: OwnerSources,
  { sums, idleMilliseconds }: Account,
): OwnerUse {
  const key = track.containerId ?? '';
  return {
    hostId: catalogue.hostId(track.host),
    gpuUuid: track.gpuUuid,
    key,
    owner: owners.find(track.host, key),
    seconds: sums.milliseconds / 1000,
    grantedSeconds: sums.grantedMilliseconds / 1000,
    usedSeconds: sums.usedMilliseconds / 1000,
    workFreeSeconds: sums.workFreeMilliseconds / 1000,
    idleSeconds: idleMilliseconds / 1000,
    smSeconds: sums.smTenthousandths / 10_000 / 1000,
    workFreeByteSeconds: (sums.workFreeMebibyteMilliseconds / 1000) * bytesPerMebibyte,
    energyJoules: sums.energyMilliseconds === 0 ? null : sums.energyMillijoules / 1000,
  };
}

export function readOwner(
  hostId: string,
  key: string,
  { catalogue, tracks, owners }: Omit<OwnerSources, 'rollups'>,
): OwnerRecord | null {
  const host = catalogue.hostNumber(hostId);
  const own = host === null ? [] : tracks.ofOwner(host, key);
  if (host === null || own.length === 0) return null;
  const gpus = own.map(({ gpuUuid, firstHour, lastHour }) => ({
    gpuUuid,
    fromSeconds: firstHour * 3600,
    toSeconds: (lastHour + 1) * 3600,
  }));
  return { hostId, key, owner: owners.find(host, key), gpus };
}
