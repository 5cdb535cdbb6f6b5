/**
 * Least and most of each kind of number, in base units. What a tool prints outside is damage and read as null; what
 * comes over the wire outside is refused. One table, so that what is read is never refused.
 */
export const bounds = {
  ratio: [0, 1],
  /** A fan may run past its rated speed; a container's share is a sum over processes. */
  looseRatio: [0, 100],
  bytes: [0, 2 ** 50],
  bytesPerSecond: [0, 2 ** 50],
  celsius: [-100, 250],
  watts: [0, 100_000],
  hertz: [0, 1e11],
  joules: [0, 1e15],
  volts: [0, 1000],
  seconds: [0, 1e9],
  count: [0, Number.MAX_SAFE_INTEGER],
  /** Of GPUs, their instances and MIG devices. */
  index: [0, 65_535],
  pid: [0, 2 ** 32],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;

/** Whether it is within its bounds; false for what is no finite number. */
export function isWithin(kind: keyof typeof bounds, value: number): boolean {
  // Not taken apart by a pattern: done for every number that is read, and an iterator is made for each.
  const range = bounds[kind];
  return value >= range[0] && value <= range[1];
}

/** Most characters of names by which things are found again: a cut one would name something else. */
export const longestGpuUuid = 128;
export const longestContainerId = 256;
export const longestOwnerKey = 512;
/** Labels of one container. */
export const mostLabels = 512;
export const longestLabelKey = 512;
