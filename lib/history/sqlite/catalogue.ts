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

/** Looks up and adds within a transaction; nothing of it is kept unless `commit` is called after it. */
export interface CatalogueStage {
  stream(hostId: string, epoch: string): Stream;
  commit(): void;
}

export interface Catalogue {
  stage(): CatalogueStage;
  streamById(id: number): Stream | null;
  /** Null: no report of it is kept. */
  hostNumber(hostId: string): number | null;
  /** Empty for a number that was never given. */
  hostId(host: number): string;
  /** Of all streams: see Sequences. */
  forgottenGaps(): number;
  /** Within a transaction: writes the sequences that changed; call the result after the commit. */
  saveStreams(): () => void;
  /** Within a transaction: forgets epochs unheard of since `cutoff`, and a host's oldest past its 64th. */
  removeStreams(cutoffMilliseconds: number): () => void;
}

const maxStreamsPerHost = 64;

const streamKey = (host: number, epoch: string): string => `${host} ${epoch}`;

interface Memory {
  readonly hosts: Map<string, number>;
  readonly hostIds: Map<number, string>;
  readonly streams: Map<string, Stream>;
  readonly streamsById: Map<number, Stream>;
}

/** Hosts and streams by name: small, so all of it is in memory. */
export function createCatalogue(db: DatabaseSync): Catalogue {
  const memory = load(db);
  const { streams, streamsById } = memory;
  const saveStream = db.prepare('UPDATE streams SET sequences = ?, received_ms = ? WHERE id = ?');
  const removeStream = db.prepare('DELETE FROM streams WHERE id = ?');
  const stage = createStaging(db, memory);
  return {
    stage,
    streamById: (id) => streamsById.get(id) ?? null,
    hostNumber: (hostId) => memory.hosts.get(hostId) ?? null,
    hostId: (host) => memory.hostIds.get(host) ?? '',
    forgottenGaps: () =>
      [...streams.values()].reduce((sum, { sequences }) => sum + sequences.forgottenGaps(), 0),
    saveStreams() {
      const saved = [...streams.values()].filter((stream) => stream.isDirty);
      for (const { id, sequences, receivedMilliseconds } of saved) {
        saveStream.run(sequences.encode(), receivedMilliseconds, id);
      }
      return () => {
        for (const stream of saved) stream.isDirty = false;
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
  return () => {
    const newHosts = new Map<string, number>();
    const newStreams = new Map<string, Stream>();
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
      commit() {
        for (const [hostId, id] of newHosts) rememberHost(memory, hostId, id);
        for (const [key, stream] of newStreams) rememberStream(memory, key, stream);
      },
    };
  };
}

function load(db: DatabaseSync): Memory {
  const memory: Memory = {
    hosts: new Map(),
    hostIds: new Map(),
    streams: new Map(),
    streamsById: new Map(),
  };
  for (const row of db.prepare('SELECT * FROM hosts').iterate()) {
    rememberHost(memory, String(row['host_id']), Number(row['id']));
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
  return memory;
}

function rememberHost({ hosts, hostIds }: Memory, hostId: string, id: number): void {
  hosts.set(hostId, id);
  hostIds.set(id, hostId);
}

function rememberStream(memory: Memory, key: string, stream: Stream): void {
  memory.streams.set(key, stream);
  memory.streamsById.set(stream.id, stream);
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
