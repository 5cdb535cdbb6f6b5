import { createFleet } from '../../lib/fleet/index.ts';
import { catalogue } from '../../lib/metrics/catalogue.ts';
import { type Family, isTold } from '../../lib/metrics/family.ts';
import type { HostDetail, Report } from '../../lib/model/index.ts';
import { type PlayedHost, playHost } from '../support/played-host.ts';

export const reportEverySeconds = 5;
export const scrapeEverySeconds = 15;

/** A report of a host, ready for both sides. */
export interface Update {
  readonly host: HostDetail;
  /** In the order in which the catalogue tells them. */
  readonly values: readonly number[];
}

/** What a family says of a host, in order. Labels are ours, as text. */
export function eachSample(
  family: Family,
  host: HostDetail,
  visit: (labels: string, value: number) => void,
): void {
  if (!isTold(family, host)) return;
  const base = `host="${host.hostname}"`;
  const gpus = host.gpus.map((gpu) => `${base},gpu="${gpu.index}",uuid="${gpu.uuid}"`);
  family.emit(host, { host: base, gpus, areGpusDistinct: true }, (labels, value, more = '') => {
    if (value !== null) visit(labels + more, value);
  });
}

function updateOf(player: PlayedHost, nowMillis: number): Update {
  const fleet = createFleet(nowMillis);
  const { push } = player.push(nowMillis);
  fleet.apply({
    host: push.host,
    agent: push.agent,
    report: push.reports[0] as Report,
    receivedAtMillis: nowMillis,
    takenAtMillis: nowMillis,
    clock: { seconds: 0, measuredSeconds: [0] },
  });
  const host = fleet.detail(player.id, nowMillis) as HostDetail;
  const values: number[] = [];
  for (const family of catalogue) eachSample(family, host, (_, value) => values.push(value));
  return { host, values };
}

/** Plays hosts until they tell `wantedSeries`; the same values in every process. */
export function playFleet(base: Report, wantedSeries: number, startMillis: number) {
  const play = (number: number) => playHost({ base, number, intervalSeconds: reportEverySeconds });
  const seriesPerHost = updateOf(play(0), startMillis).values.length;
  const players = Array.from({ length: Math.ceil(wantedSeries / seriesPerHost) }, (_, number) =>
    play(number),
  );
  let steps = 0;
  return {
    series: players.length * seriesPerHost,
    hosts: players.length,
    /** What all hosts report next. */
    step(): readonly Update[] {
      steps += 1;
      return players.map((player) => updateOf(player, startMillis + steps * reportEverySeconds * 1000));
    },
  };
}
