/** One protobuf message, read with care: fields by number, whatever is not understood is left out. */
export interface ProtoMessage {
  /** The last one set, as UTF-8; null when it is not there. */
  text(field: number): string | null;
  texts(field: number): string[];
  bytes(field: number): Uint8Array | null;
  /** Null when not there, or above what a number holds. Zero is not written: null is "zero or not there". */
  number(field: number): number | null;
  /** The same without a bound: nanoseconds since 1970 are above it. */
  integer(field: number): bigint | null;
  message(field: number): ProtoMessage | null;
  messages(field: number): ProtoMessage[];
  /** `map<string, string>`. */
  map(field: number): Map<string, string>;
}

type Value = Uint8Array | bigint;

const mostFields = 200_000;
const utf8 = new TextDecoder();

/** Reads protobuf's wire format. A message that is cut or broken gives what stands before. Never throws. */
export function readProto(bytes: Uint8Array): ProtoMessage {
  const fields = fieldsOf(bytes);
  const all = (field: number): Uint8Array[] =>
    (fields.get(field) ?? []).filter((value): value is Uint8Array => typeof value !== 'bigint');
  const message: ProtoMessage = {
    text: (field) => message.texts(field).at(-1) ?? null,
    texts: (field) => all(field).map((value) => utf8.decode(value)),
    bytes: (field) => all(field).at(-1) ?? null,
    number(field) {
      const value = message.integer(field);
      return value !== null && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
    },
    integer: (field) =>
      (fields.get(field) ?? []).findLast((each): each is bigint => typeof each === 'bigint') ?? null,
    message: (field) => message.messages(field).at(-1) ?? null,
    messages: (field) => all(field).map(readProto),
    map(field) {
      const entries = message.messages(field);
      return new Map(entries.map((entry) => [entry.text(1) ?? '', entry.text(2) ?? '']));
    },
  };
  return message;
}

function fieldsOf(bytes: Uint8Array): Map<number, Value[]> {
  const fields = new Map<number, Value[]>();
  let at = 0;
  let count = 0;
  /** Null at the end of the bytes. */
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) return null;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return null;
  };
  const slice = (length: number): Uint8Array | null => {
    if (at + length > bytes.length) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length && count < mostFields) {
    const tag = varint();
    if (tag === null) break;
    const value = valueOfType(Number(tag & 7n), varint, slice);
    if (value === null) break;
    const field = Number(tag >> 3n);
    const values = fields.get(field);
    if (values === undefined) fields.set(field, [value]);
    else values.push(value);
    count += 1;
  }
  return fields;
}

function valueOfType(
  type: number,
  varint: () => bigint | null,
  slice: (length: number) => Uint8Array | null,
): Value | null {
  if (type === 0) return varint();
  if (type === 1) return slice(8);
  if (type === 5) return slice(4);
  if (type !== 2) return null;
  const length = varint();
  return length === null || length > 0x7fff_ffffn ? null : slice(Number(length));
}

/** A message of strings and flags, which is all that we ask with. */
export function writeProto(fields: readonly (readonly [field: number, value: string | true])[]): Uint8Array {
  const parts: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    while (rest > 0x7f) {
      parts.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    parts.push(rest);
  };
  for (const [field, value] of fields) {
    if (value === true) {
      varint(field << 3);
      varint(1);
      continue;
    }
    const text = new TextEncoder().encode(value);
    varint((field << 3) | 2);
    varint(text.length);
    parts.push(...text);
  }
  return Uint8Array.from(parts);
}
