/** A masked recording of a host, asked for from its page and sent by its agent. */
export interface CaptureView {
  /** `none`: nobody asked lately. `failed`: see `message`. */
  readonly state: 'none' | 'asked' | 'ready' | 'failed';
  readonly askedAt: string | null;
  readonly askedBy: string | null;
  /** Of the file; null until it is there. */
  readonly bytes: number | null;
  /** Where it can be fetched until `expiresAt`. */
  readonly path: string | null;
  readonly expiresAt: string | null;
  /** One sentence: why there is none. */
  readonly message: string | null;
}

/** Largest archive that an agent sends and a hub takes. */
export const mostCaptureBytes = 8 * 1024 * 1024;
