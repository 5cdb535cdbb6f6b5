import type { DatabaseSync } from 'node:sqlite';

/** One GPU, or one container on it, as one host reported it. Hours are unix time over 3600 s. */
export interface Track {
  readonly id: number;
  readonly host: number;
  readonly gpuUuid: string;
  readonly containerId: string | null;
  /** No reading that is still kept is older, or newer. */
  readonly firstHour: number;
  readonly lastHour: number;
}

export interface TrackOwner {
  readonly host: number;
  readonly gpuUuid: string;
  readonly containerId: string | null;
}

/** Looks up and adds within a transaction; memory learns nothing of it unless `commit` is called after it. */
export interface TrackStage {
  /** The id of the track that has, from now on, a reading of this hour. */
  idOf(owner: TrackOwner, hour: number): number;
  commit(): void;
}

export interface TrackSelection {
  readonly gpuUuid: string;
  /** `gpu`: its own numbers; `containers`: each one's on it; else the id of one of them. */
  readonly of: 'gpu' | 'containers' | { readonly containerId: string };
  /** Both included. */
  readonly fromHour: number;
  readonly toHour: number;
}

/** What the sweep deletes, in rows; the tracks themselves follow. */
export interface TrackSweep {
  readonly beforeMinutesHour: number;
  readonly beforeHour: number;
  /** Only tracks whose id, divided, leaves this rest. */
  readonly part: { readonly rest: number; readonly of: number };
  /** Removes the track's minutes, hours or days before that hour; returns how many rows it removed. */
  expire(resolution: '1m' | '1h' | '1d', track: number, beforeHour: number): number;
  /** Told of tracks that are there no more; what it returns is called after the commit. */
  removed(tracks: readonly Track[]): () => void;
}

export interface Tracks {
  stage(): TrackStage;
  /** Those that may have readings in these hours. */
  select(selection: TrackSelection): readonly Track[];
  /** Of every owner that may have readings in these hours; the second not included. */
  ofOwners(fromHour: number, toHour: number): readonly Track[];
  /** Of one owner, over all of time. */
  ofOwner(host: number, key: string): readonly Track[];
  /** Within a transaction and right after a flush of that part: a bounded slice of what is past retention. Call the result after the commit. */
  sweep(sweep: TrackSweep): () => void;
  /** Forgets, in memory alone, what was not seen since the call before this one. */
  rotate(): void;
  rememberedCount(): number;
}

/** Stands for "no minutes are kept": later than any hour. */
const never = 2 ** 40;
/** Of a part, at once. */
const maxSweptTracks = 100;
const maxSweptRows = 20_000;

interface Remembered {
  readonly id: number;
  /** A reading of an hour from here to `lastHour` changes nothing in the track's row. */
  readonly fromHour: number;
  readonly lastHour: number;
}

const keyOf = ({ host, gpuUuid, containerId }: TrackOwner): string =>
  `${host} ${gpuUuid} ${containerId ?? ''}`;

/** In memory are only the tracks seen lately: a fleet that runs jobs makes a new one for every container. */
export function createTracks(db: DatabaseSync): Tracks {
  let recent = new Map<string, Remembered>();
  let earlier = new Map<string, Remembered>();
  const select = prepareSelect(db);
  const sweep = prepareSweep(db);
  const find = db.prepare(
    `SELECT id, max(first_hour, minutes_hour) AS from_hour, last_hour FROM tracks
     WHERE host = ? AND gpu_uuid = ? AND container_id = ?`,
  );
  const add = db.prepare(
    `INSERT INTO tracks (host, gpu_uuid, container_id, first_hour, minutes_hour, last_hour)
     VALUES (?1, ?2, ?3, ?4, ?4, ?4)`,
  );
  const widen = db.prepare(
    `UPDATE tracks SET first_hour = min(first_hour, ?2), minutes_hour = min(minutes_hour, ?2),
     last_hour = max(last_hour, ?2) WHERE id = ?1`,
  );
  const findOrAdd = ({ host, gpuUuid, containerId }: TrackOwner, hour: number): Remembered => {
    const row = find.get(host, gpuUuid, containerId ?? '');
    if (row === undefined) {
      const id = Number(add.run(host, gpuUuid, containerId ?? '', hour).lastInsertRowid);
      return { id, fromHour: hour, lastHour: hour };
    }
    return { id: Number(row['id']), fromHour: Number(row['from_hour']), lastHour: Number(row['last_hour']) };
  };
  const ofOwners = db.prepare(
    `SELECT * FROM tracks WHERE container_id <> '' AND last_hour >= ? AND first_hour < ? ORDER BY id`,
  );
  const ofOwner = db.prepare(
    `SELECT * FROM tracks WHERE container_id <> '' AND container_id = ? AND host = ? ORDER BY id`,
  );
  return {
    select,
    ofOwners: (fromHour, toHour) => ofOwners.all(fromHour, toHour).map(toTrack),
    ofOwner: (host, key) => ofOwner.all(key, host).map(toTrack),
    stage() {
      const staged = new Map<string, Remembered>();
      return {
        idOf(owner, hour) {
          const key = keyOf(owner);
          const known = staged.get(key) ?? recent.get(key);
          const track = known ?? earlier.get(key) ?? findOrAdd(owner, hour);
          const { id, fromHour, lastHour } = track;
          if (hour < fromHour || hour > lastHour) {
            widen.run(id, hour);
            staged.set(key, { id, fromHour: Math.min(fromHour, hour), lastHour: Math.max(lastHour, hour) });
          } else if (known === undefined) staged.set(key, track);
          return id;
        },
        commit() {
          for (const [key, track] of staged) {
            recent.set(key, track);
            earlier.delete(key);
          }
        },
      };
    },
    sweep(asked) {
      const { changed, removed } = sweep(asked);
      const forget = asked.removed(removed);
      return () => {
        forget();
        for (const key of changed.map(keyOf)) {
          recent.delete(key);
          earlier.delete(key);
        }
      };
    },
    rotate() {
      earlier = recent;
      recent = new Map();
    },
    rememberedCount: () => recent.size + earlier.size,
  };
}

function prepareSelect(db: DatabaseSync): Tracks['select'] {
  const statement = (condition: string) =>
    db.prepare(
      `SELECT * FROM tracks WHERE gpu_uuid = ? AND last_hour >= ? AND first_hour <= ? AND ${condition} ORDER BY id`,
    );
  // Their conditions are those of the partial indexes.
  const own = statement("container_id = ''");
  const every = statement("container_id <> ''");
  const one = statement("container_id <> '' AND container_id = ?");
  return ({ gpuUuid, of, fromHour, toHour }) => {
    if (of === 'gpu') return own.all(gpuUuid, fromHour, toHour).map(toTrack);
    if (of === 'containers') return every.all(gpuUuid, fromHour, toHour).map(toTrack);
    return one.all(gpuUuid, fromHour, toHour, of.containerId).map(toTrack);
  };
}

/** Each track says in indexed columns from when it has minutes and hours, so that what is due is found at once. */
function prepareSweep(
  db: DatabaseSync,
): (sweep: TrackSweep) => { readonly changed: readonly Track[]; readonly removed: readonly Track[] } {
  const dueMinutes = db.prepare(
    `SELECT * FROM tracks WHERE minutes_hour < ? AND id % ? = ? ORDER BY minutes_hour LIMIT ${maxSweptTracks}`,
  );
  const dueHours = db.prepare(
    `SELECT * FROM tracks WHERE first_hour < ? AND id % ? = ? ORDER BY first_hour LIMIT ${maxSweptTracks}`,
  );
  const setMinutes = db.prepare('UPDATE tracks SET minutes_hour = ? WHERE id = ?');
  const setFirst = db.prepare('UPDATE tracks SET first_hour = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM tracks WHERE id = ?');
  return ({ beforeMinutesHour, beforeHour, part: { of, rest }, expire }) => {
    const changed: Track[] = [];
    const removed: Track[] = [];
    let rows = 0;
    for (const track of dueMinutes.all(beforeMinutesHour, of, rest).map(toTrack)) {
      if (rows > maxSweptRows) break;
      rows += expire('1m', track.id, beforeMinutesHour);
      setMinutes.run(track.lastHour < beforeMinutesHour ? never : beforeMinutesHour, track.id);
      changed.push(track);
    }
    for (const track of dueHours.all(beforeHour, of, rest).map(toTrack)) {
      if (rows > maxSweptRows) break;
      rows += expire('1h', track.id, beforeHour);
      rows += expire('1d', track.id, beforeHour);
      if (track.lastHour < Math.min(beforeHour, beforeMinutesHour)) {
        rows += expire('1m', track.id, beforeMinutesHour);
        rows += expire('1d', track.id, never);
        remove.run(track.id);
        removed.push(track);
      } else setFirst.run(beforeHour, track.id);
      changed.push(track);
    }
    return { changed, removed };
  };
}

function toTrack(row: Record<string, unknown>): Track {
  const containerId = String(row['container_id']);
  return {
    id: Number(row['id']),
    host: Number(row['host']),
    gpuUuid: String(row['gpu_uuid']),
    containerId: containerId === '' ? null : containerId,
    firstHour: Number(row['first_hour']),
    lastHour: Number(row['last_hour']),
  };
}
