import { decodeFrame, frameHeaderBytes, readHeader } from './frame.ts';

/** What a log file holds. */
export interface LogScan {
  /** In the order of the file. */
  readonly records: readonly { readonly sequence: number; readonly frame: Buffer }[];
  /** Numbers of the records that are damaged; null where even the number is. */
  readonly damaged: readonly (number | null)[];
  /** The file ends in the middle of a record, as after a kill. */
  readonly isCutOff: boolean;
}

/** Reads every whole record, going on behind those that are damaged. */
export function scanLog(log: Buffer): LogScan {
  const records: { sequence: number; frame: Buffer }[] = [];
  const damaged: (number | null)[] = [];
  let offset = 0;
  while (offset < log.length) {
    const rest = log.subarray(offset);
    const record = decodeFrame(rest);
    if (record !== null) {
      const frame = rest.subarray(0, frameHeaderBytes + record.payload.length);
      records.push({ sequence: record.sequence, frame });
      offset += frame.length;
      continue;
    }
    const header = readHeader(rest);
    const end = header === null ? log.length + 1 : offset + header.frameBytes;
    // A length that leads to the next record, or to the end, is true; then so is the number beside it, but for a flip.
    if (end === log.length || (end < log.length && decodeFrame(log.subarray(end)) !== null)) {
      damaged.push(header?.sequence ?? null);
      offset = end;
      continue;
    }
    const next = nextRecord(log, offset + 1);
    if (next === null && end > log.length) return { records, damaged, isCutOff: true };
    damaged.push(null);
    offset = next ?? log.length;
  }
  return { records, damaged, isCutOff: false };
}

function nextRecord(log: Buffer, from: number): number | null {
  for (let offset = from; offset + frameHeaderBytes <= log.length; offset += 1) {
    if (decodeFrame(log.subarray(offset)) !== null) return offset;
  }
  return null;
}
