import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { ackBytes, decodeAcks, decodeFrame, encodeAcks, encodeFrame } from './frame.ts';
import { scanLog } from './scan.ts';
import { writeDurably } from './spool-state.ts';

/** One append-only file of records with a file of acknowledgements beside it; both go when nothing waits in it. */
export interface Segment {
  /** Offsets of the records that wait, by sequence. */
  readonly waiting: ReadonlyMap<number, { readonly offset: number; readonly bytes: number }>;
  readonly bytes: number;
  /** Appends whole or not at all; throws what the disk says. */
  append(sequence: number, payload: Buffer): void;
  /** Null when the record on disk is damaged. */
  read(sequence: number): Buffer | null;
  /** Forgets them, on disk too; throws what the disk says. */
  acknowledge(sequences: readonly number[]): void;
  close(): void;
  remove(): void;
}

export interface OpenedSegment {
  readonly segment: Segment;
  /** Records that were cut off or damaged. */
  readonly torn: number;
  /** Those of them that were whole once and waited. */
  readonly lost: number;
}

/** Opens or makes it. What is cut off at the end or damaged is taken out of the file; the rest stays. */
export function openSegment(path: string): OpenedSegment {
  const ackPath = `${path.replace(/\.log$/, '')}.ack`;
  const waiting = new Map<number, { offset: number; bytes: number }>();
  const { torn, lost, logBytes } = existsSync(path)
    ? load(path, ackPath, waiting)
    : { torn: 0, lost: 0, logBytes: 0 };
  let bytes = logBytes;
  let acksOnDisk = existsSync(ackPath) ? trimAcks(ackPath) : 0;
  let descriptor: number | null = null;
  const open = (): number => {
    descriptor ??= openSync(path, 'a+', 0o600);
    return descriptor;
  };
  const segment: Segment = {
    waiting,
    get bytes() {
      return bytes + acksOnDisk;
    },
    append(sequence, payload) {
      const frame = encodeFrame(sequence, payload);
      writeWhole(open(), frame, bytes);
      waiting.set(sequence, { offset: bytes, bytes: frame.length });
      bytes += frame.length;
    },
    read(sequence) {
      const place = waiting.get(sequence);
      if (place === undefined) return null;
      const frame = Buffer.alloc(place.bytes);
      const got = readSync(open(), frame, 0, place.bytes, place.offset);
      const record = got === place.bytes ? decodeFrame(frame) : null;
      return record?.sequence === sequence ? record.payload : null;
    },
    acknowledge(sequences) {
      const known = sequences.filter((sequence) => waiting.delete(sequence));
      if (known.length === 0 || waiting.size === 0) return;
      const file = openSync(ackPath, 'a', 0o600);
      try {
        writeWhole(file, encodeAcks(known), acksOnDisk);
        acksOnDisk += known.length * ackBytes;
      } finally {
        closeSync(file);
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
    remove() {
      segment.close();
      rmSync(path, { force: true });
      rmSync(ackPath, { force: true });
    },
  };
  return { segment, torn, lost };
}

/** A write that fails in the middle (disk full) must not leave half a record in front of the next. */
function writeWhole(file: number, data: Buffer, offset: number): void {
  try {
    for (let at = 0; at < data.length; ) at += writeSync(file, data, at);
  } catch (error) {
    ftruncateSync(file, offset);
    throw error;
  }
}

function load(
  path: string,
  ackPath: string,
  waiting: Map<number, { offset: number; bytes: number }>,
): { torn: number; lost: number; logBytes: number } {
  const { records, damaged, isCutOff } = scanLog(readFileSync(path));
  const settled = new Set(existsSync(ackPath) ? decodeAcks(readFileSync(ackPath)) : []);
  let offset = 0;
  for (const { sequence, frame } of records) {
    if (!settled.has(sequence)) waiting.set(sequence, { offset, bytes: frame.length });
    offset += frame.length;
  }
  // Without the damage, so that the next opening does not find and count it again.
  if (damaged.length > 0) writeDurably(path, Buffer.concat(records.map(({ frame }) => frame)));
  else if (isCutOff) truncateSync(path, offset);
  const lost = damaged.filter((sequence) => sequence === null || !settled.has(sequence)).length;
  return { torn: damaged.length + Number(isCutOff), lost, logBytes: offset };
}

/** Cuts a torn acknowledgement away, so that later ones stay aligned. */
function trimAcks(ackPath: string): number {
  const bytes = readFileSync(ackPath);
  const good = decodeAcks(bytes).length * ackBytes;
  if (good < bytes.length) truncateSync(ackPath, good);
  return good;
}
