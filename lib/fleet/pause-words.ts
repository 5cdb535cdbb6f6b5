import type { Pause } from '../model/index.ts';

const minuteOf = (iso: string): string => `${iso.slice(11, 16)} UTC`;

/** Why a host is paused, by whom and until when, in one sentence. */
export function pauseWords({ kind, until, by, reason, stuckPids }: Pause): string {
  const stuck =
    stuckPids.length === 0
      ? ''
      : `; process ${stuckPids.join(', ')} still holds a GPU, since not even SIGKILL ends it`;
  if (kind === 'asleep' && until !== null) return `${reason ?? 'GPU idle'} until ${minuteOf(until)}${stuck}`;
  if (kind === 'asleep') return `${reason ?? 'GPU asleep'}; it is not woken to be read${stuck}`;
  const who = by === null ? '' : ` by ${by}`;
  const end = until === null ? '' : ` until ${minuteOf(until)}`;
  return `paused${who}${end}${reason === null ? '' : `: ${reason}`}${stuck}`;
}
