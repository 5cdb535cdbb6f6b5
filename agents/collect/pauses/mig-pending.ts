import type { SmiDocument } from '../../../lib/nvidia-smi/index.ts';
import type { Pauses } from './index.ts';

/** Long enough to reset a GPU by hand; a change that was forgotten does not leave the host unread for ever. */
const letGoSeconds = 15 * 60;

/** Lets go while a GPU waits for a reset to change its MIG mode: a GPU that we hold cannot be reset. */
export function createMigWatch(pauses: () => Pauses): { note(document: SmiDocument): void } {
  /** The change that the agent let go for, so that it does so once. */
  let known = '';
  return {
    note(document) {
      const waiting = document.gpus.flatMap(({ gpu: { uuid, index, migMode } }, position) =>
        migMode !== null &&
        migMode.pending !== null &&
        migMode.current !== null &&
        migMode.pending !== migMode.current
          ? [{ name: `GPU ${index ?? position}`, uuid, pending: migMode.pending }]
          : [],
      );
      const now = waiting.length === 0 ? '' : JSON.stringify(waiting);
      if (now === known) return;
      known = now;
      const [first] = waiting;
      if (first === undefined) {
        pauses().end('mig-pending');
        return;
      }
      const names = waiting.map(({ name }) => name).join(', ');
      const reason = `MIG mode of ${names} is to be ${first.pending ? 'enabled' : 'disabled'}: let go so that it can be reset`;
      void pauses().pause({ kind: 'mig-pending', forSeconds: letGoSeconds, by: null, reason });
    },
  };
}
