import { isFailure } from '../../../lib/host-facts/index.ts';
import type { ContainerExit, FailedContainer } from '../../../lib/model/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { EngineContainer } from './engine-container.ts';
import { deathsOf, eventsPath, type LastWords } from './events.ts';

/** Containers that failed to start or ended badly within a minute, for a day. */
export interface Ended {
  /** One round; `known`: the containers that run now. An engine that does not answer ends it. Never rejects. */
  round(known: ReadonlyMap<string, EngineContainer>): Promise<void>;
  /** The newest first. */
  readonly failed: readonly FailedContainer[];
}

export interface EndedOptions {
  /** One GET of the engine: its status and body, or null without an answer. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: string } | null>;
  /** What an inspect document says. */
  readonly read: (document: unknown) => Promise<EngineContainer | null>;
  readonly clock?: Clock;
}

const daySeconds = 86_400;
const listEverySeconds = 60;
/** An engine without events, such as one behind a proxy of an older agent, is asked for them seldom. */
const retryEventsSeconds = 600;
/** A failure ends within a minute of its start. */
const overlapSeconds = 75;
const mostKept = 50;
const mostInspectsARound = 20;
const goneReason =
  'the container was removed as it ended (--rm), and the runtime kept no reason; without --rm it would';

/** Docker answers the newest so many; those that ended long ago are known by their words. */
export const endedListPath = `/containers/json?all=1&limit=50&filters=${encodeURIComponent(
  JSON.stringify({ status: ['created', 'exited', 'dead', 'restarting'] }),
)}`;

export function createEnded({ get, read, clock = systemClock }: EndedOptions): Ended {
  const failed = new Map<string, FailedContainer>();
  /** By id, the state that was last looked at. */
  let looked = new Map<string, string>();
  let listDueAt = 0;
  let eventsDueAt = 0;
  let eventsFrom: number | null = null;
  let knownBefore: ReadonlyMap<string, EngineContainer> = new Map();

  const put = (engine: EngineContainer, exit: ContainerExit): void => {
    failed.set(engine.facts.id, failedOf(engine, exit));
  };
  const inspect = async (id: string): Promise<'gone' | 'told' | 'silent'> => {
    const answer = await get(`/containers/${encodeURIComponent(id)}/json`);
    if (answer === null) return 'silent';
    if (answer.status === 404) return 'gone';
    const engine = answer.status === 200 ? await read(parsed(answer.body)) : null;
    const exit = engine?.stack.exit ?? null;
    if (engine !== null && exit !== null && engine.stack.isOfNvidia && isFailure(exit)) put(engine, exit);
    return 'told';
  };
  /** Removed before anyone looked: what was known of it while it lived, else what its image says. */
  const putGone = async (death: LastWords, before: EngineContainer | undefined): Promise<void> => {
    const exit = exitOf(death, before?.facts.startedAt ?? null);
    if (!isFailure(exit) || failed.has(death.id)) return;
    const engine = before ?? (await ofImage(death, { get, read }));
    if (engine !== null && (engine.stack.isOfNvidia || engine.asked !== null)) put(engine, exit);
  };

  /** Whether any ended; null: the engine does not answer. */
  const askEvents = async (): Promise<boolean | null> => {
    const now = clock.nowMilliseconds() / 1000;
    const until = now - 0.5;
    const from = eventsFrom ?? now - daySeconds;
    // From before it, so that the start of what ended since is among them.
    const answer = await get(eventsPath(from - overlapSeconds, until));
    if (answer === null) return null;
    if (answer.status !== 200) {
      eventsDueAt = clock.monotonicSeconds() + retryEventsSeconds;
      return false;
    }
    eventsFrom = until;
    const deaths = deathsOf(answer.body)
      .filter(({ atSeconds }) => atSeconds > from)
      .slice(-mostInspectsARound);
    for (const death of deaths) {
      looked.delete(death.id);
      const told = death.isRemoved ? 'gone' : await inspect(death.id);
      if (told === 'silent') return null;
      if (told === 'gone') await putGone(death, knownBefore.get(death.id));
    }
    return deaths.length > 0;
  };
  const askList = async (known: ReadonlyMap<string, EngineContainer>): Promise<void> => {
    const answer = await get(endedListPath);
    if (answer?.status !== 200) return;
    const listed = recentOf(parsed(answer.body), clock.nowMilliseconds() / 1000 - daySeconds);
    looked = new Map([...looked].filter(([id, words]) => listed.get(id) === words));
    const news = [...listed].filter(([id]) => !looked.has(id) && !known.has(id));
    for (const [id, words] of news.slice(0, mostInspectsARound)) {
      if ((await inspect(id)) === 'silent') return;
      looked.set(id, words);
    }
  };
  const forget = (known: ReadonlyMap<string, EngineContainer>): void => {
    const now = clock.nowMilliseconds();
    for (const [id, { exit }] of failed) {
      const isOld = now - Date.parse(exit.at) > daySeconds * 1000;
      if (isOld || hasRecovered(known.get(id), exit, now)) failed.delete(id);
    }
    for (const { id } of newestFirst(failed).slice(mostKept)) failed.delete(id);
  };
  return {
    async round(known) {
      const now = clock.monotonicSeconds();
      const hasNews = now >= eventsDueAt && (await askEvents());
      if (hasNews === true || (hasNews === false && now >= listDueAt)) {
        listDueAt = now + listEverySeconds;
        await askList(known);
      }
      knownBefore = new Map(known);
      forget(known);
    },
    get failed() {
      return newestFirst(failed);
    },
  };
}

/** Nobody looks into a container that does not run: its image's words are all there is. */
export function failedOf({ facts, injection, stack }: EngineContainer, exit: ContainerExit): FailedContainer {
  const { evidence, compat, requirements } = stack;
  const cuda = { evidence, compat, isLookedInto: false, problem: null };
  return { ...facts, injection, requirements, cuda, exit };
}

export const newestFirst = (failed: ReadonlyMap<string, FailedContainer>): FailedContainer[] =>
  [...failed.values()].sort((a, b) => Date.parse(b.exit.at) - Date.parse(a.exit.at));

/** It runs again, and for longer than a minute. */
function hasRecovered(now: EngineContainer | undefined, exit: ContainerExit, nowMillis: number): boolean {
  const startedAt = Date.parse(now?.facts.startedAt ?? '');
  return startedAt > Date.parse(exit.at) && nowMillis - startedAt > 60_000;
}

function exitOf(death: LastWords, startedAt: string | null): ContainerExit {
  const started = death.startedAtSeconds ?? (startedAt === null ? null : Date.parse(startedAt) / 1000);
  return {
    exitCode: death.exitCode,
    error: null,
    reasonProblem: goneReason,
    isOutOfMemory: death.isOutOfMemory ? true : null,
    at: new Date(death.atSeconds * 1000).toISOString(),
    ranSeconds: started === null ? null : Math.max(0, death.atSeconds - started),
    // Its start is not among the events, and nobody saw it run: events go back so far only.
    didStart: started === null ? (death.isStartKnown ? false : null) : true,
  };
}

async function ofImage(
  death: LastWords,
  { get, read }: Pick<EndedOptions, 'get' | 'read'>,
): Promise<EngineContainer | null> {
  const answer = death.image === null ? null : await get(`/images/${imagePath(death.image)}/json`);
  const image = answer?.status === 200 ? parsed(answer.body) : null;
  const Env = (image as { Config?: { Env?: unknown } } | null)?.Config?.Env;
  const Config = { Image: death.image, Labels: death.labels, Env };
  const engine = await read({ Id: death.id, Name: death.name, Config, State: { Status: 'exited' } });
  const reason = 'the container was removed before the engine could be asked';
  return engine === null ? null : { ...engine, injection: { way: null, reason } };
}

/** As a path segment: a name may have slashes, a tag and a digest, and nothing else. */
const imagePath = (name: string): string =>
  /^[\w.:@/-]{1,300}$/.test(name) && !name.includes('..') ? name : encodeURIComponent(name);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Ids with their state in words; those that say that they ended days ago, and that were made so long ago, left out. */
function recentOf(list: unknown, sinceSeconds: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const each of Array.isArray(list) ? list : []) {
    const { Id, State, Status, Created } = (each ?? {}) as Record<string, unknown>;
    if (typeof Id !== 'string' || !/^[0-9a-f]{64}$/.test(Id)) continue;
    const words = typeof Status === 'string' ? Status : '';
    const isLongAgo = /\b(?:[2-9]|\d\d+) days|\b(?:weeks?|months?|years?) ago/.test(words);
    const isOldStart = State === 'created' && typeof Created === 'number' && Created < sinceSeconds;
    if (!isLongAgo && !isOldStart) found.set(Id, `${String(State)} ${/\(\d+\)/.exec(words)?.[0] ?? ''}`);
  }
  return found;
}
