/** A JSON object read with care: every getter gives null for what is not there or is of another type. */
export interface JsonObject {
  object(key: string): JsonObject | null;
  text(key: string): string | null;
  texts(key: string): string[];
  objects(key: string): JsonObject[];
  value(key: string): unknown;
  number(key: string): number | null;
  flag(key: string): boolean | null;
  entries(): [string, unknown][];
  has(key: string): boolean;
}

/** Null when the value is no object. */
export function jsonObject(value: unknown): JsonObject | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const map = new Map<string, unknown>(Object.entries(value));
  return {
    object: (key) => jsonObject(map.get(key)),
    text: (key) => {
      const text = map.get(key);
      return typeof text === 'string' && text !== '' ? text : null;
    },
    texts: (key) => {
      const list = map.get(key);
      return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
    },
    objects: (key) => {
      const list = map.get(key);
      return Array.isArray(list) ? list.flatMap((item) => jsonObject(item) ?? []) : [];
    },
    value: (key) => map.get(key),
    number: (key) => {
      const number = map.get(key);
      return typeof number === 'number' && Number.isFinite(number) ? number : null;
    },
    flag: (key) => {
      const flag = map.get(key);
      return typeof flag === 'boolean' ? flag : null;
    },
    entries: () => [...map],
    has: (key) => map.has(key),
  };
}
