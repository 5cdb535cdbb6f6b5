/** How a container ended, as the engine's events tell. */
export interface LastWords {
  readonly id: string;
  readonly name: string | null;
  readonly image: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly exitCode: number | null;
  readonly isOutOfMemory: boolean;
  /** Unix time of its last end. */
  readonly atSeconds: number;
  /** Of the start before it; null: none is among the events. */
  readonly startedAtSeconds: number | null;
  /** Whether its making is among the events, so that a start would be too. */
  readonly isStartKnown: boolean;
  readonly isRemoved: boolean;
}

/**
 * The engine's own memory of what happened, its last few hundred events. With an end that has passed it answers at
 * once, so nothing waits on a connection, and what happened while the agent did not run is told too.
 */
export function eventsPath(sinceSeconds: number, untilSeconds: number): string {
  const event = ['create', 'start', 'oom', 'die', 'destroy', 'connect'];
  const filters = { type: ['container', 'network'], event };
  const query = `filters=${encodeURIComponent(JSON.stringify(filters))}`;
  return `/events?since=${sinceSeconds.toFixed(3)}&until=${untilSeconds.toFixed(3)}&${query}`;
}

interface Lived {
  /** When its network was joined: a start was tried. One that is refused then has neither a start nor an end. */
  triedAt: number | null;
  madeAt: number | null;
  startedAt: number | null;
  oomAt: number | null;
  words: LastWords | null;
}

const containerId = /^[0-9a-f]{64}$/;
/** Docker puts these beside the container's labels. */
const own = new Set(['name', 'image', 'exitCode', 'execDuration', 'signal', 'execID']);

/** The last end of each container that ended, in the order of their ends; one event a line. Never throws. */
export function deathsOf(body: string): LastWords[] {
  const lives = new Map<string, Lived>();
  for (const line of body.split('\n')) {
    const event = eventOf(line);
    if (event === null) continue;
    const life = lives.get(event.id) ?? {
      triedAt: null,
      madeAt: null,
      startedAt: null,
      oomAt: null,
      words: null,
    };
    lives.set(event.id, life);
    if (event.action === 'connect') {
      life.triedAt = event.atSeconds;
      life.words ??= wordsOf({ ...event, attributes: {} }, life);
    } else if (event.action === 'create') life.madeAt = event.atSeconds;
    else if (event.action === 'start') {
      life.startedAt = event.atSeconds;
      // It came up: what the attempt before said is over.
      life.words = null;
    } else if (event.action === 'oom') life.oomAt = event.atSeconds;
    else if (event.action === 'die') life.words = wordsOf(event, life);
    else if (event.action === 'destroy' && life.words !== null)
      life.words = { ...named(life.words, event), isRemoved: true };
  }
  return [...lives.values()].flatMap(({ words }) => words ?? []).sort((a, b) => a.atSeconds - b.atSeconds);
}

/** A network's event does not name the container; its removal does. */
const named = (words: LastWords, event: EngineEvent): LastWords =>
  words.image === null ? { ...words, ...namesOf(event) } : words;

interface EngineEvent {
  readonly id: string;
  readonly action: string;
  readonly atSeconds: number;
  readonly attributes: Readonly<Record<string, string>>;
}

function eventOf(line: string): EngineEvent | null {
  if (line.trim() === '') return null;
  try {
    const event = JSON.parse(line) as Record<string, unknown> | null;
    const actor = event?.['Actor'] as Record<string, unknown> | undefined;
    const told = (actor?.['Attributes'] ?? {}) as Record<string, unknown>;
    const isOfNetwork = event?.['Type'] === 'network';
    const id = isOfNetwork ? told['container'] : actor?.['ID'];
    const [action, nano, seconds] = [event?.['Action'], event?.['timeNano'], event?.['time']];
    if (typeof id !== 'string' || !containerId.test(id) || typeof action !== 'string') return null;
    const atSeconds =
      typeof nano === 'number' ? nano / 1e9 : typeof seconds === 'number' ? seconds : Number.NaN;
    if (!(atSeconds > 0 && atSeconds < 1e11)) return null;
    if (isOfNetwork !== (action === 'connect')) return null;
    const attributes = Object.entries(told).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return { id, action, atSeconds, attributes: Object.fromEntries(attributes) };
  } catch {
    return null;
  }
}

const namesOf = ({ attributes }: Pick<EngineEvent, 'attributes'>) => ({
  name: attributes['name'] ?? null,
  image: attributes['image'] ?? null,
  labels: Object.fromEntries(Object.entries(attributes).filter(([key]) => !own.has(key))),
});

function wordsOf({ id, atSeconds, attributes }: EngineEvent, life: Lived): LastWords {
  const code = Number(attributes['exitCode'] ?? Number.NaN);
  return {
    id,
    ...namesOf({ attributes }),
    exitCode: Number.isInteger(code) ? code : null,
    isOutOfMemory: life.oomAt !== null && life.oomAt >= (life.startedAt ?? 0),
    atSeconds,
    startedAtSeconds: life.startedAt,
    isStartKnown: life.madeAt !== null,
    isRemoved: false,
  };
}
