/** One Xid of one GPU since the host booted, however often it came. */
export interface XidCount {
  readonly xid: number;
  /** As nvidia-smi prints it: `00000000:3B:00.0`. */
  readonly pciBusId: string;
  /** Null when no GPU at this address is known. */
  readonly gpuUuid: string | null;
  readonly count: number;
  /** Host clock, ISO 8601; null where the log tells no time. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Of the last one: what the driver said after the number. */
  readonly lastText: string;
  /** Of the last one: the process that it was told for; null when none was. */
  readonly lastPid: number | null;
  readonly lastProcessName: string | null;
}

/** `critical`: work on this GPU fails or gives wrong results. `warning`: look at it soon. `info`: good to know. */
export type FaultSeverity = 'critical' | 'warning' | 'info';
