import { drive } from '../player/drive.ts';
import type { Step } from '../player/perform.ts';

/** A played program as its caller sees it. */
export interface Performance {
  /** The program was told to end: at once, unless it ignores SIGTERM, then 1 s later, unless it cannot be ended at all. */
  end(): void;
}

export interface Audience {
  onText(text: string, to: 'stdout' | 'stderr'): void;
  /** Once: exit code, or null when it was ended by a signal; `hung` when nothing could end it. */
  onGone(end: { readonly kind: 'exited' | 'signalled' | 'hung'; readonly exitCode: number | null }): void;
}

const killAfterMilliseconds = 1000;
const giveUpAfterMilliseconds = 2000;

/** Plays steps in real time, in this process, with the ends that a real child would have. */
export function startPerformance(steps: Iterator<Step, void, void>, audience: Audience): Performance {
  let gone = false;
  let ending = false;
  let obstinate: { ignoreSigterm: boolean; uninterruptible: boolean } | null = null;
  let cancel = (): void => {};
  const finish = (kind: 'exited' | 'signalled' | 'hung', exitCode: number | null): void => {
    if (gone) return;
    gone = true;
    cancel();
    audience.onGone({ kind, exitCode });
  };
  cancel = drive(steps, {
    write: (text, to) => {
      if (!gone) audience.onText(text, to);
    },
    exit: (exitCode) => finish('exited', exitCode),
    brace: (how) => {
      obstinate = how;
    },
    hang: () => {},
    fail: (error) => {
      audience.onText(`${error instanceof Error ? error.message : String(error)}\n`, 'stderr');
      finish('exited', 2);
    },
  });
  if (gone) cancel();
  return {
    end() {
      if (gone || ending) return;
      ending = true;
      if (obstinate?.ignoreSigterm !== true) {
        finish('signalled', null);
        return;
      }
      const stuck = obstinate.uninterruptible;
      setTimeout(
        () => finish(stuck ? 'hung' : 'signalled', null),
        stuck ? giveUpAfterMilliseconds : killAfterMilliseconds,
      );
    },
  };
}
