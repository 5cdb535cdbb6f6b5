import type { FailedContainer, Problem, SourceStatus } from '../../../lib/model/index.ts';
import type { EngineContainer } from './engine-container.ts';
import type { Containers } from './index.ts';
import { type NamingEngine, nameProblemOf } from './name-problem.ts';

/** A container that someone on a GPU is in. */
export interface NeededContainer {
  readonly id: string;
  /** As its cgroup is written. */
  readonly runtime: string;
  /** The user whose login or service holds it; null for the host's own. */
  readonly uid: number | null;
}

export interface RosterEngine extends NamingEngine {
  readonly containers: Containers;
  /** Most hosts have none: its absence, or that it may not be asked, is no news unless someone needs it. */
  readonly isOptional: boolean;
}

/** All engines of a host as one. */
export interface Roster {
  start(): Promise<void>;
  need(containers: readonly NeededContainer[]): void;
  caughtUp(): Promise<void>;
  readonly known: ReadonlyMap<string, EngineContainer>;
  readonly problems: readonly Problem[];
  /** Of Docker. */
  readonly engineVersion: string | null;
  readonly failed: readonly FailedContainer[];
  /** Why a container has no name, in words. */
  nameProblem(container: { readonly id: string; readonly runtime: string }): string;
  /** Of the engines that need not be there: those that have something to say. */
  readonly optionalSources: readonly SourceStatus[];
  stop(): Promise<void>;
}

/** How many rootless engines of users are asked. */
const mostUserEngines = 16;

/**
 * @param engines asked from the start; the first that knows a container tells of it
 * @param userEngine one user's own Podman, asked when one of that user's containers is on a GPU
 */
export function createRoster(
  engines: readonly RosterEngine[],
  userEngine: (uid: number) => RosterEngine,
): Roster {
  const ofUsers = new Map<number, RosterEngine>();
  let needed: readonly NeededContainer[] = [];
  const all = (): readonly RosterEngine[] => [...engines, ...ofUsers.values()];
  const meets = (engine: RosterEngine, { runtime, uid }: NeededContainer): boolean =>
    engine.runtimes.includes(runtime) && (engine.uid === null || engine.uid === uid);
  /** Makes room for another user's engine by the one of a user who has nothing on a GPU any more. */
  const dropUnneeded = (): boolean => {
    for (const [uid, { containers }] of ofUsers) {
      if (needed.some((each) => each.runtime === 'podman' && each.uid === uid)) continue;
      ofUsers.delete(uid);
      void containers.stop();
      return true;
    }
    return false;
  };
  const isWanted = (engine: RosterEngine): boolean => needed.some((each) => meets(engine, each));
  return {
    async start() {
      await Promise.all(engines.map(({ containers }) => containers.start()));
    },
    need(containers) {
      needed = containers;
      for (const { runtime, uid } of containers) {
        if (runtime !== 'podman' || uid === null || ofUsers.has(uid)) continue;
        if (ofUsers.size >= mostUserEngines && !dropUnneeded()) break;
        const engine = userEngine(uid);
        ofUsers.set(uid, engine);
        void engine.containers.start();
      }
      for (const engine of all())
        engine.containers.need(needed.flatMap((each) => (meets(engine, each) ? [each.id] : [])));
    },
    async caughtUp() {
      await Promise.all(all().map(({ containers }) => containers.caughtUp()));
    },
    get known() {
      const told = all().flatMap(({ containers: { known } }) => (known.size > 0 ? [known] : []));
      // Asked for with each report, and nearly every host has one engine only.
      if (told.length <= 1) return told[0] ?? new Map();
      return new Map(told.toReversed().flatMap((known) => [...known]));
    },
    get problems() {
      return all().flatMap(({ containers }) => containers.problems);
    },
    get engineVersion() {
      return engines[0]?.containers.engineVersion ?? null;
    },
    get failed() {
      return engines.flatMap(({ containers }) => containers.failed);
    },
    nameProblem({ id, runtime }) {
      const uid = needed.find((each) => each.id === id)?.uid ?? null;
      return nameProblemOf({ runtime, uid }, all());
    },
    get optionalSources() {
      const told = all().filter((engine) => engine.isOptional);
      return told.flatMap((engine) => {
        const status = engine.status();
        return status.state === 'ok' || (status.runs > 0 && isWanted(engine)) ? [status] : [];
      });
    },
    async stop() {
      await Promise.all(all().map(({ containers }) => containers.stop()));
    },
  };
}
