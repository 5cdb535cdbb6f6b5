/** Header of a record: length of the payload, CRC of what follows the CRC, sequence. */
export const frameHeaderBytes = 16;
export const ackBytes = 12;
/** No report is that large; a length above it is damage. */
const maxPayloadBytes = 32 * 1024 * 1024;

const table = Uint32Array.from({ length: 256 }, (_unused, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in gzip; zlib.crc32 is not in every Node 20. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

export function encodeFrame(sequence: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeBigUInt64LE(BigInt(sequence), 8);
  payload.copy(frame, frameHeaderBytes);
  frame.writeUInt32LE(crc32(frame.subarray(8)), 4);
  return frame;
}

/** What stands in a header, true or not; null when there is no whole header or no record could have it. */
export function readHeader(bytes: Buffer): { sequence: number; frameBytes: number } | null {
  if (bytes.length < frameHeaderBytes) return null;
  const length = bytes.readUInt32LE(0);
  const sequence = Number(bytes.readBigUInt64LE(8));
  if (length > maxPayloadBytes || !Number.isSafeInteger(sequence)) return null;
  return { sequence, frameBytes: frameHeaderBytes + length };
}

/** One record at the start of `bytes`; null when it is cut off or damaged. */
export function decodeFrame(bytes: Buffer): { sequence: number; payload: Buffer } | null {
  const header = readHeader(bytes);
  if (header === null || bytes.length < header.frameBytes) return null;
  const { sequence, frameBytes } = header;
  if (crc32(bytes.subarray(8, frameBytes)) !== bytes.readUInt32LE(4)) return null;
  return { sequence, payload: bytes.subarray(frameHeaderBytes, frameBytes) };
}

export function encodeAcks(sequences: readonly number[]): Buffer {
  const bytes = Buffer.alloc(sequences.length * ackBytes);
  for (const [index, sequence] of sequences.entries()) {
    const at = index * ackBytes;
    bytes.writeBigUInt64LE(BigInt(sequence), at);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 8)), at + 8);
  }
  return bytes;
}

/** The whole acknowledgements in it; a torn or damaged one ends the list. */
export function decodeAcks(bytes: Buffer): number[] {
  const sequences: number[] = [];
  for (let at = 0; at + ackBytes <= bytes.length; at += ackBytes) {
    if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8)) break;
    sequences.push(Number(bytes.readBigUInt64LE(at)));
  }
  return sequences;
}
