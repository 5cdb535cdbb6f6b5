import { type InjectionHost, parseDockerVersion } from '../../../lib/host-facts/index.ts';
import type { FailedContainer, Problem } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { deferred } from '../../deferred.ts';
import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import { createPacer } from '../pacer.ts';
import type { FailedOutcome, Outcome, Source } from '../source.ts';
import { createChangeNotice } from './changes.ts';
import { createEnded, type Ended } from './ended.ts';
import { containerOutcome, type EngineContainer } from './engine-container.ts';
import { isOther, type Listed, readList } from './listed.ts';
import { getAnswer, getJson } from './read.ts';
import { createTroubles, type Troubles } from './troubles.ts';

export type { EngineContainer } from './engine-container.ts';

export interface Containers {
  /** Resolves after the first ask. */
  start(): Promise<void>;
  /** Containers with processes on a GPU: asked for soon when not known yet. */
  need(ids: readonly string[]): void;
  /** Resolves when those that are needed were asked for, whatever came of it. */
  caughtUp(): Promise<void>;
  readonly known: ReadonlyMap<string, EngineContainer>;
  /** What was not understood, and containers that the engine could not tell of. */
  readonly problems: readonly Problem[];
  readonly engineVersion: string | null;
  /** That failed to start or ended badly within a minute, of the last day, the newest first. */
  readonly failed: readonly FailedContainer[];
  stop(): Promise<void>;
}

const hurriedSeconds = 0.05;
const asksAtOnce = 4;
/** A host with thousands of containers is learned over several rounds; those on a GPU come first. */
const mostAsksARound = 100;

/** An engine with so many containers that do not answer is let be until the next round. */
const mostHungARound = 4;

export interface ContainersOptions {
  readonly access: HostAccess;
  readonly socketPath: string | null;
  readonly source: Source;
  /** What of the host decides how a container gets its GPUs. */
  readonly injectionHost?: () => Promise<Omit<InjectionHost, 'engineVersion'>>;
  readonly clock?: Clock;
  /** Whose API it is: Podman speaks Docker's, and tells more in its own form. */
  readonly runtime?: 'docker' | 'podman';
  /** Between two asks; an engine that systemd starts for each ask is let be for longer. */
  readonly intervalSeconds?: number;
  /** False: what was started with which arguments is not kept. */
  readonly commandLines?: boolean;
  /** False: variables of containers are not kept. */
  readonly environment?: boolean;
  /** A round ended in which a container came, went, or was told otherwise than before. */
  readonly onChange?: () => void;
}

const unknownHost = async () => ({ toolkitVersion: null, toolkitMode: null, isModeKnown: true });
const usual = {
  injectionHost: unknownHost,
  runtime: 'docker',
  commandLines: true,
  environment: true,
  intervalSeconds: 10,
} as const;

/** Where an engine tells most of a container. */
const ownApi = { docker: '', podman: '/v4.0.0/libpod' } as const;

/** The Docker Engine, on a loop of its own: whatever it does, the GPUs are read at their pace. */
export function createContainers(options: ContainersOptions): Containers {
  const { access, socketPath, source, runtime, ...how } = { ...usual, ...options };
  let known = new Map<string, EngineContainer>();
  let inspected = new Map<string, Listed>();
  let needed: ReadonlySet<string> = new Set();
  let refused = new Set<string>();
  const troubles = createTroubles(options.clock, runtime);
  let engineVersion: string | null = null;
  let isReachable = false;
  let asked = deferred<void>();
  const isUnasked = (id: string): boolean => !known.has(id) && !refused.has(id) && !troubles.has(id);
  const get = (path: string) => getJson(access, socketPath ?? '', path);
  const inspect = async (id: string, listed: Listed): Promise<FailedOutcome | null> => {
    const answer = await get(`${ownApi[runtime]}/containers/${encodeURIComponent(id)}/json`);
    if (answer.state === 'absent') refused.add(id);
    if (answer.state !== 'ok') return answer.state === 'absent' ? null : answer;
    const read = await readContainer(answer.value);
    if (read.state !== 'ok') return read;
    inspected.set(id, listed);
    troubles.delete(id);
    known.set(id, read.value);
    return null;
  };
  const readContainer = async (document: unknown): Promise<Outcome<EngineContainer>> =>
    containerOutcome(document, { ...(await how.injectionHost()), engineVersion }, { ...how, runtime });
  const ended = endedOf(options, readContainer);
  const noteChanges = createChangeNotice<EngineContainer>(options.onChange);
  const giveUp = (id: string, { state }: Listed, { failure }: FailedOutcome): void => {
    troubles.note(id, failure);
    const before = known.get(id);
    if (before !== undefined) known.set(id, withState(before, state));
  };
  const askAll = async (): Promise<Outcome<null>> => {
    const version = engineVersion === null ? await get('/version') : null;
    if (version?.state === 'ok') engineVersion = parseDockerVersion(version.value);
    else if (version !== null) return version;
    const list = await get('/containers/json');
    if (list.state !== 'ok') return list;
    const running = readList(list.value);
    known = new Map([...known].filter(([id]) => running.has(id)));
    inspected = new Map([...inspected].filter(([id]) => running.has(id)));
    troubles.keep(running);
    refused = new Set([...needed].filter((id) => !running.has(id)));
    const news = newsOf(running, inspected, { troubles, needed });
    let hung = 0;
    await concurrently(news.slice(0, mostAsksARound), asksAtOnce, async ([id, listed]) => {
      const failure = hung < mostHungARound ? await inspect(id, listed) : null;
      if (failure !== null) giveUp(id, listed, failure);
      if (failure?.state === 'hung') hung += 1;
    });
    return { state: 'ok', value: null };
  };
  const pacer = createPacer(async () => {
    if (socketPath === null) return 3600;
    const outcome = await source.measure(socketPath, askAll);
    if (outcome.state !== 'ok') forget();
    isReachable = outcome.state === 'ok';
    noteChanges(known);
    asked.resolve();
    asked = deferred();
    if (isReachable) await ended.round(known);
    return isReachable && [...needed].some(isUnasked) ? hurriedSeconds : pauseOf(how, needed);
  });
  /** Names stay true while a container lives; its state and who else runs are known no more. */
  const forget = (): void => {
    engineVersion = null;
    inspected = new Map();
    troubles.keep(new Set());
    known = new Map([...known].filter(([id]) => needed.has(id)).map(withoutState));
  };
  return {
    start: () => pacer.start(),
    need(ids) {
      needed = new Set(ids);
      // One that does not answer is asked at the usual pace, whoever is needed.
      if (isReachable && ids.some(isUnasked)) pacer.hurry(hurriedSeconds);
    },
    async caughtUp() {
      if (isReachable && [...needed].some(isUnasked)) await asked.promise;
    },
    get known() {
      return known;
    },
    get problems() {
      return [...problemsOf(known), ...troubles.problems];
    },
    get engineVersion() {
      return engineVersion;
    },
    get failed() {
      return ended.failed;
    },
    stop: () => pacer.stop(),
  };
}

/** Those to be asked for now: on a GPU first, in trouble last. */
function newsOf(
  running: ReadonlyMap<string, Listed>,
  inspected: ReadonlyMap<string, Listed>,
  { troubles, needed }: { readonly troubles: Troubles; readonly needed: ReadonlySet<string> },
): [string, Listed][] {
  const rank = (id: string): number => (troubles.has(id) ? 2 : Number(!needed.has(id)));
  const due = [...running].filter(([id, listed]) => isOther(inspected.get(id), listed) && troubles.isDue(id));
  return due.sort(([a], [b]) => rank(a) - rank(b));
}

const problemsOf = (known: ReadonlyMap<string, EngineContainer>): Problem[] =>
  [...known.values()].flatMap((each) => each.problems);

/** A name that is on screen beside a GPU is looked at sooner than others. */
const pauseOf = (how: { readonly intervalSeconds: number }, needed: ReadonlySet<string>): number =>
  needed.size > 0 ? how.intervalSeconds / 2 : how.intervalSeconds;

const endedOf = (
  { access, socketPath }: ContainersOptions,
  read: (document: unknown) => Promise<Outcome<EngineContainer>>,
): Ended =>
  createEnded({
    get: (path) => getAnswer(access, socketPath ?? '', path),
    async read(document) {
      const outcome = await read(document);
      return outcome.state === 'ok' ? outcome.value : null;
    },
  });

const withState = (engine: EngineContainer, state: string | null): EngineContainer => ({
  ...engine,
  facts: { ...engine.facts, state },
});

const withoutState = ([id, engine]: [string, EngineContainer]): [string, EngineContainer] => [
  id,
  withState(engine, null),
];
