import { isFailure } from '../../../../lib/host-facts/index.ts';
import type { FailedContainer } from '../../../../lib/model/index.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { failedOf, newestFirst } from '../ended.ts';
import type { EngineContainer } from '../engine-container.ts';
import type { GrpcClient } from './call.ts';
import { getCri, type ListedCri, listCri } from './cri.ts';
import type { GrpcContainer } from './inspect.ts';

/** Containers of pods that failed to start or ended badly within a minute, for a day. */
export interface CriEnded {
  /** One round; a runtime without CRI has none. Never rejects. */
  round(client: GrpcClient): Promise<void>;
  /** The newest first. */
  readonly failed: readonly FailedContainer[];
}

const dayMillis = 86_400_000;
const everySeconds = 30;
/** A runtime that does not speak CRI, or whose plugin is switched off, does not learn it soon. */
const absentSeconds = 600;
const mostKept = 50;
const mostAsksARound = 20;
const recoveredMillis = 60_000;

/**
 * The kubelet makes a container anew for each try and keeps the last one that ended: its status has the reason. One
 * that could not even be made (a missing image, a CDI device that is not there) is known to the kubelet alone.
 */
export function createCriEnded(
  read: (told: GrpcContainer) => Promise<EngineContainer | null>,
  clock: Clock = systemClock,
): CriEnded {
  const failed = new Map<string, FailedContainer>();
  const slots = new Map<string, string | null>();
  let looked = new Set<string>();
  let dueAt = 0;

  const look = async (client: GrpcClient, id: string, listed: ListedCri): Promise<void> => {
    const told = await getCri(client, id, listed);
    if (told.state !== 'ok' && told.state !== 'absent') return;
    looked.add(id);
    const engine = told.state === 'ok' ? await read(told.value) : null;
    const exit = engine?.stack.exit ?? null;
    if (engine === null || exit === null || !engine.stack.isOfNvidia || !isFailure(exit)) return;
    failed.set(id, failedOf(engine, exit));
    slots.set(id, slotOf(listed.labels));
  };
  const drop = (id: string): void => {
    failed.delete(id);
    slots.delete(id);
  };
  const forget = (listed: ReadonlyMap<string, ListedCri>): void => {
    const now = clock.nowMilliseconds();
    const newest = new Set<string>();
    for (const { id, exit } of newestFirst(failed)) {
      const slot = slots.get(id) ?? null;
      const isSuperseded = slot !== null && newest.has(slot);
      if (slot !== null) newest.add(slot);
      const isOld = now - Date.parse(exit.at) > dayMillis;
      if (isOld || isSuperseded || hasRecovered(slot, exit.at, { listed, now })) drop(id);
    }
    for (const { id } of newestFirst(failed).slice(mostKept)) drop(id);
  };
  return {
    async round(client) {
      if (clock.monotonicSeconds() < dueAt) return;
      const list = await listCri(client);
      dueAt = clock.monotonicSeconds() + (list.state === 'absent' ? absentSeconds : everySeconds);
      if (list.state !== 'ok') return;
      looked = new Set([...looked].filter((id) => list.value.has(id)));
      const oldest = clock.nowMilliseconds() - dayMillis;
      const news = [...list.value].filter(
        ([id, { state, createdAt }]) =>
          state === 'exited' && !looked.has(id) && !(Date.parse(createdAt ?? '') < oldest),
      );
      for (const [id, listed] of news.slice(0, mostAsksARound)) await look(client, id, listed);
      forget(list.value);
    },
    get failed() {
      return newestFirst(failed);
    },
  };
}

/** A container of a pod, over its tries; null where the runtime names no pod. */
function slotOf(labels: ReadonlyMap<string, string>): string | null {
  const pod = labels.get('io.kubernetes.pod.uid');
  const name = labels.get('io.kubernetes.container.name');
  return pod === undefined || name === undefined ? null : `${pod} ${name}`;
}

/** A later try of it runs, and for longer than a minute. */
function hasRecovered(
  slot: string | null,
  endedAt: string,
  { listed, now }: { readonly listed: ReadonlyMap<string, ListedCri>; readonly now: number },
): boolean {
  if (slot === null) return false;
  return [...listed.values()].some(({ state, labels, createdAt }) => {
    const made = Date.parse(createdAt ?? '');
    const isLater = made >= Date.parse(endedAt) && now - made > recoveredMillis;
    return state === 'running' && isLater && slotOf(labels) === slot;
  });
}
