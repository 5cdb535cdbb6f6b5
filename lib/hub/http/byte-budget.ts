import { HubError } from '../errors.ts';

/** The caller comes back within some seconds, not all in the same one. */
export const busy = (): HubError =>
  new HubError('unavailable', 'The hub is busy with other pushes.', {
    retryAfterSeconds: 1 + Math.floor(Math.random() * 5),
  });

/** What one body holds of a budget. */
export interface Share {
  /** Throws `unavailable` when the budget is spent. */
  take(bytes: number): void;
  release(): void;
}

/** Bytes of bodies that are held at once, as received and as inflated, over all requests. */
export class ByteBudget {
  #heldBytes = 0;

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** `maxBytes`: of the whole budget. */
  share(maxBytes: number): Share {
    let own = 0;
    return {
      take: (bytes) => {
        if (this.#heldBytes + bytes > maxBytes) throw busy();
        this.#heldBytes += bytes;
        own += bytes;
      },
      release: () => {
        this.#heldBytes -= own;
        own = 0;
      },
    };
  }
}
