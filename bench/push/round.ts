import type { Report } from '../../lib/model/index.ts';
import { type PlayedHost, playHost } from '../support/played-host.ts';

export interface Round {
  readonly base: Report;
  readonly hosts: number;
  readonly pushes: number;
  readonly perSecond: number;
}

export interface PreparedPush {
  readonly number: number;
  readonly hostId: string;
  readonly json: Buffer;
  readonly sentAtMillis: number;
}

/** Time to make each push of a round before the first is due, so that all are sent when they say. */
const leadMillisPerPush = 3;

export interface RoundMaker {
  /** What `finish` makes of each push; resolves when the first is due. */
  prepare<T>(round: Round, finish: (push: PreparedPush) => T): Promise<readonly T[]>;
}

/** Makes the pushes of a round before it begins, each with the time at which its turn will come. */
export function roundMaker(): RoundMaker {
  const players = new Map<number, PlayedHost>();
  let turn = 0;
  return {
    async prepare({ base, hosts, pushes, perSecond }, finish) {
      const startMillis = Date.now() + pushes * leadMillisPerPush;
      const prepared = Array.from({ length: pushes }, (_, index) => {
        const number = turn++ % hosts;
        // Long, so that a host is not gone while another side has its turn.
        const player = players.get(number) ?? playHost({ base, number, intervalSeconds: 60 });
        players.set(number, player);
        const sentAtMillis = startMillis + (index * 1000) / perSecond;
        const json = Buffer.from(JSON.stringify(player.push(sentAtMillis).push));
        return finish({ number, hostId: player.id, json, sentAtMillis });
      });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, startMillis - Date.now())));
      return prepared;
    },
  };
}
