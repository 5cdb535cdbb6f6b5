import { createFleet } from '../../../lib/fleet/index.ts';
import { restoreFleet } from '../../../lib/hub/known-hosts.ts';
import { listOpenSilences, silenceView } from '../../../lib/hub/operations/list-silences.ts';
import { endSilence, makeSilence } from '../../../lib/hub/operations/make-silence.ts';
import type { SilenceView } from '../../../lib/model/index.ts';
import { fail, lifeOf, type Opened, system, takeOptions, UsageError, withState } from './beside-hub.ts';

const usage = 'maintenance: HOSTS… --for 2h [--reason TEXT], list, or end ID';

/** The fleet as the hub last wrote it, to tell which hosts a word names. */
async function knownFleet({ state, nowMillis }: Opened) {
  const fleet = createFleet(nowMillis);
  await restoreFleet({ state, fleet, now: () => nowMillis });
  return fleet;
}

function hostWords({ matches }: SilenceView): string {
  if (matches.length === 0) return 'no host that the hub knows now';
  const names = matches.slice(0, 5).map(({ hostname }) => hostname);
  const more = matches.length > names.length ? ` and ${matches.length - names.length} more` : '';
  return `${matches.length} host${matches.length === 1 ? '' : 's'}: ${names.join(', ')}${more}`;
}

async function start(argv: readonly string[]): Promise<number> {
  const { taken, rest } = takeOptions(argv, ['for', 'reason']);
  // Its own words come first; what begins with a dash is the hub's.
  const at = rest.findIndex((word) => word.startsWith('-'));
  const words = at < 0 ? rest : rest.slice(0, at);
  const hosts = words.flatMap((word) => word.split(',')).map((word) => word.trim());
  if (hosts.length === 0 || hosts.includes('')) return fail(usage);
  return withState(at < 0 ? [] : rest.slice(at), async (opened) => {
    const forSeconds = lifeOf(taken.for);
    if (forSeconds === null) throw new UsageError('maintenance: how long? --for 2h');
    const reason = taken.reason?.trim() || null;
    const wanted = { kind: 'maintenance', hosts, rule: null, reason, startsAt: null, forSeconds } as const;
    const silence = await makeSilence(system, opened, wanted);
    const view = silenceView(silence, await knownFleet(opened), opened.nowMillis);
    return `${silence.id}\tuntil ${silence.endsAt}\t${hostWords(view)}`;
  });
}

/** `gpufleet hub maintenance HOSTS… --for 2h`, `list`, `end ID`. A running hub takes it up within seconds. */
export async function maintenanceCommand(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word === 'list')
    return withState(rest, async (opened) => {
      const fleet = await knownFleet(opened);
      const views = await listOpenSilences(system, { ...opened, fleet });
      const lines = views
        .filter(({ kind }) => kind === 'maintenance')
        .map((view) =>
          [view.id, view.state, `until ${view.endsAt}`, hostWords(view), view.reason ?? ''].join('\t'),
        );
      return lines.length === 0 ? 'no host is in maintenance' : lines.join('\n');
    });
  if (word !== 'end') return start(argv);
  const [id, ...others] = rest;
  if (id === undefined) return fail(usage);
  return withState(others, async ({ state, nowMillis }) => {
    await endSilence(system, { state, nowMillis }, id, 'maintenance');
    return `ended ${id}`;
  });
}
