import type { DatabaseSync } from 'node:sqlite';
import { asBytes } from './raw-segments.ts';
import { createSequences, type Sequences } from './sequences.ts';

/** The readings of one (host, epoch): which sequence numbers came, the memory ahead of the disk by what is raw. */
export interface Stream {
  readonly id: number;
  readonly host: number;
  readonly sequences: Sequences;
  receivedMilliseconds: number;
  /** Changed since it was last written. */
  isDirty: boolean;
}

/** One GPU, or one container on it, as one host reported it. */
export interface Track {
  readonly id: number;
  readonly host: number;
  readonly gpuUuid: string;
  readonly containerId: string | null;
}

/** Looks up and adds within a transaction; nothing of it is kept unless `commit` is called after it. */
export interface CatalogueStage {
  stream(hostId: string, epoch: string): Stream;
  track(host: number, gpuUuid: string, containerId: string | null): Track;
  commit(): void;
}

export interface Catalogue {
  stage(): CatalogueStage;
  streamById(id: number): Stream | null;
  /** Of all streams: see Sequences. */
  forgottenGaps(): number;
  tracksOfGpu(gpuUuid: string): readonly Track[];
  allTracks(): Iterable<Track>;
  /** Within a transaction: writes the sequences that changed; call the result after the commit. */
  saveStreams(): () => void;
  /** Within a transaction; call the result after the commit. */
  removeTracks(tracks: readonly Track[]): () => void;
  /** Within a transaction: forgets epochs unheard of since `cutoff`, and a host's oldest past its 64th. */
  removeStreams(cutoffMilliseconds: number): () => void;
}

const maxStreamsPerHost = 64;

const streamKey = (host: number, epoch: string): string => `${host} ${epoch}`;
const trackKey = (host: number, gpuUuid: string, containerId: string | null): string =>
  `${host} ${gpuUuid} ${containerId ?? ''}`;

interface Memory {
  readonly hosts: Map<string, number>;
  readonly streams: Map<string, Stream>;
  readonly streamsById: Map<number, Stream>;
  readonly tracks: Map<string, Track>;
  readonly tracksByGpu: Map<string, Track[]>;
}

/** Hosts, streams and tracks by name: small, so all of it is in memory. */
export function createCatalogue(db: DatabaseSync): Catalogue {
  const memory = load(db);
  const { streams, streamsById, tracks, tracksByGpu } = memory;
  const saveStream = db.prepare('UPDATE streams SET sequences = ?, received_ms = ? WHERE id = ?');
  const removeStream = db.prepare('DELETE FROM streams WHERE id = ?');
  const removeTrack = db.prepare('DELETE FROM tracks WHERE id = ?');
  const stage = createStaging(db, memory);
  return {
    stage,
    streamById: (id) => streamsById.get(id) ?? null,
    forgottenGaps: () =>
      [...streams.values()].reduce((sum, { sequences }) => sum + sequences.forgottenGaps(), 0),
    tracksOfGpu: (gpuUuid) => tracksByGpu.get(gpuUuid) ?? [],
    allTracks: () => tracks.values(),
    saveStreams() {
      const saved = [...streams.values()].filter((stream) => stream.isDirty);
      for (const { id, sequences, receivedMilliseconds } of saved) {
        saveStream.run(sequences.encode(), receivedMilliseconds, id);
      }
      return () => {
        for (const stream of saved) stream.isDirty = false;
      };
    },
    removeTracks(removed) {
      for (const { id } of removed) removeTrack.run(id);
      return () => {
        for (const { host, gpuUuid, containerId, id } of removed) {
          tracks.delete(trackKey(host, gpuUuid, containerId));
          const rest = (tracksByGpu.get(gpuUuid) ?? []).filter((track) => track.id !== id);
          if (rest.length === 0) tracksByGpu.delete(gpuUuid);
          else tracksByGpu.set(gpuUuid, rest);
        }
      };
    },
    removeStreams(cutoff) {
      const removed = streamsToForget(streams, cutoff);
      for (const [, stream] of removed) removeStream.run(stream.id);
      return () => {
        for (const [key, stream] of removed) {
          streams.delete(key);
          streamsById.delete(stream.id);
        }
      };
    },
  };
}

function createStaging(db: DatabaseSync, memory: Memory): () => CatalogueStage {
  const addHost = db.prepare('INSERT INTO hosts (host_id) VALUES (?)');
  const addStream = db.prepare(
    "INSERT INTO streams (host, epoch, sequences, received_ms) VALUES (?, ?, x'', 0)",
  );
  const addTrack = db.prepare('INSERT INTO tracks (host, gpu_uuid, container_id) VALUES (?, ?, ?)');
  return () => {
    const newHosts = new Map<string, number>();
    const newStreams = new Map<string, Stream>();
    const newTracks = new Map<string, Track>();
    const hostNumber = (hostId: string): number => {
      const known = memory.hosts.get(hostId) ?? newHosts.get(hostId);
      if (known !== undefined) return known;
      const id = Number(addHost.run(hostId).lastInsertRowid);
      newHosts.set(hostId, id);
      return id;
    };
    return {
      stream(hostId, epoch) {
        const host = hostNumber(hostId);
        const key = streamKey(host, epoch);
        const known = memory.streams.get(key) ?? newStreams.get(key);
        if (known !== undefined) return known;
        const id = Number(addStream.run(host, epoch).lastInsertRowid);
        const stream = { id, host, sequences: createSequences(), receivedMilliseconds: 0, isDirty: false };
        newStreams.set(key, stream);
        return stream;
      },
      track(host, gpuUuid, containerId) {
        const key = trackKey(host, gpuUuid, containerId);
        const known = memory.tracks.get(key) ?? newTracks.get(key);
        if (known !== undefined) return known;
        const id = Number(addTrack.run(host, gpuUuid, containerId ?? '').lastInsertRowid);
        const track = { id, host, gpuUuid, containerId };
        newTracks.set(key, track);
        return track;
      },
      commit() {
        for (const [hostId, id] of newHosts) memory.hosts.set(hostId, id);
        for (const [key, stream] of newStreams) rememberStream(memory, key, stream);
        for (const track of newTracks.values()) rememberTrack(memory, track);
      },
    };
  };
}

function load(db: DatabaseSync): Memory {
  const memory: Memory = {
    hosts: new Map(),
    streams: new Map(),
    streamsById: new Map(),
    tracks: new Map(),
    tracksByGpu: new Map(),
  };
  for (const row of db.prepare('SELECT * FROM hosts').iterate()) {
    memory.hosts.set(String(row['host_id']), Number(row['id']));
  }
  for (const row of db.prepare('SELECT * FROM streams').iterate()) {
    const host = Number(row['host']);
    rememberStream(memory, streamKey(host, String(row['epoch'])), {
      id: Number(row['id']),
      host,
      sequences: createSequences(asBytes(row['sequences'])),
      receivedMilliseconds: Number(row['received_ms']),
      isDirty: false,
    });
  }
  for (const row of db.prepare('SELECT * FROM tracks').iterate()) {
    const containerId = String(row['container_id']);
    rememberTrack(memory, {
      id: Number(row['id']),
      host: Number(row['host']),
      gpuUuid: String(row['gpu_uuid']),
      containerId: containerId === '' ? null : containerId,
    });
  }
  return memory;
}

function rememberStream(memory: Memory, key: string, stream: Stream): void {
  memory.streams.set(key, stream);
  memory.streamsById.set(stream.id, stream);
}

function rememberTrack(memory: Memory, track: Track): void {
  memory.tracks.set(trackKey(track.host, track.gpuUuid, track.containerId), track);
  const ofGpu = memory.tracksByGpu.get(track.gpuUuid);
  if (ofGpu === undefined) memory.tracksByGpu.set(track.gpuUuid, [track]);
  else ofGpu.push(track);
}

function streamsToForget(
  streams: ReadonlyMap<string, Stream>,
  cutoff: number,
): readonly (readonly [string, Stream])[] {
  const newestFirst = [...streams].sort(([, a], [, b]) => b.receivedMilliseconds - a.receivedMilliseconds);
  const perHost = new Map<number, number>();
  return newestFirst.filter(([, stream]) => {
    const place = (perHost.get(stream.host) ?? 0) + 1;
    perHost.set(stream.host, place);
    return stream.receivedMilliseconds < cutoff || place > maxStreamsPerHost;
  });
}
