import { gzipSync } from 'node:zlib';
import { answerParent } from '../support/child.ts';
import { paced } from '../support/paced.ts';
import { createPushClient, type PushClient } from '../support/push-client.ts';
import { type Round, type RoundMaker, roundMaker } from './round.ts';

interface Target {
  readonly clients: readonly PushClient[];
  readonly rounds: RoundMaker;
}

const targets = new Map<string, Target>();
let ready: { readonly target: Target; readonly round: Round; readonly packed: readonly Packed[] } | null =
  null;

interface Packed {
  readonly number: number;
  readonly body: Buffer;
}

export const handlers = {
  aim({ url, credentials }: { url: string; credentials: readonly string[] }): void {
    const clients = credentials.map((credential) => createPushClient(url, credential));
    targets.set(url, { clients, rounds: roundMaker() });
  },
  /** Makes and packs the pushes of a round; resolves when its first is due. */
  async prepare({ url, round }: { url: string; round: Round }): Promise<void> {
    const target = targets.get(url);
    if (target === undefined) throw new Error(`nothing aims at ${url}`);
    const prepared = await target.rounds.prepare(round, ({ number, json }) => ({
      number,
      body: gzipSync(json),
    }));
    ready = { target, round, packed: prepared };
  },
  /** Sends them; resolves when each is answered, and rejects when one is refused. */
  async send(): Promise<void> {
    if (ready === null) throw new Error('nothing is prepared');
    const { target, round, packed } = ready;
    ready = null;
    const refused: string[] = [];
    await paced(packed.length, round.perSecond, async (index) => {
      const { number, body } = packed[index] as Packed;
      const { status, body: answer } = (await target.clients[number]?.send(body)) ?? { status: 0, body: '' };
      if (status !== 202) refused.push(`${status} ${answer}`);
    });
    if (refused.length > 0) throw new Error(`${refused.length} pushes were refused: ${refused[0]}`);
  },
};

if (process.send !== undefined)
  answerParent(handlers, async () => {
    for (const { clients } of targets.values()) for (const client of clients) client.close();
  });
