import type { AskedPause } from '../../../lib/model/index.ts';
import type { Pauses } from '../../collect/pauses/index.ts';

/** Does what the hub asks, once: who resumes on the host itself is not paused by the same asking again. */
export function createHubPause(pauses: Pauses): { obey(asked: AskedPause | undefined): void } {
  let obeyed: string | null = null;
  return {
    obey(asked) {
      if (asked === undefined) {
        obeyed = null;
        pauses.end('hub');
        return;
      }
      if (asked.id === obeyed) return;
      obeyed = asked.id;
      const { seconds, by, reason } = asked;
      void pauses.pause({ kind: 'hub', forSeconds: seconds, by, reason });
    },
  };
}
