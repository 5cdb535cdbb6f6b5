/** Notices that nothing more comes. */
export interface Silence {
  /** Something came that is not the whole: after a silence it is all there is. */
  wait(): void;
  /** It is whole: nothing is waited for. */
  end(): void;
  /** No further call. */
  stop(): void;
}

/**
 * Calls `onSilence` once, so many milliseconds after the last `wait`. What comes whole in one piece, as nearly always,
 * starts no timer: one that finds nothing to do wakes the agent all the same.
 */
export function createSilence(milliseconds: number, onSilence: () => void): Silence {
  let isWaiting = false;
  let timer: NodeJS.Timeout | null = null;
  let look: NodeJS.Immediate | null = null;
  const fire = (): void => {
    if (!isWaiting) return;
    isWaiting = false;
    onSilence();
  };
  const start = (): void => {
    look = null;
    if (isWaiting) timer = timer?.refresh() ?? setTimeout(fire, milliseconds);
  };
  const end = (): void => {
    isWaiting = false;
  };
  return {
    wait() {
      isWaiting = true;
      look ??= setImmediate(start);
    },
    end,
    stop() {
      end();
      if (look !== null) clearImmediate(look);
      if (timer !== null) clearTimeout(timer);
      look = null;
      timer = null;
    },
  };
}
