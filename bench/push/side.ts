import type { Actor } from '../../lib/hub/actor.ts';
import { pushReports } from '../../lib/hub/operations/push-reports.ts';
import { readPush } from '../../lib/protocol/index.ts';
import { answerParent } from '../support/child.ts';
import { paced } from '../support/paced.ts';
import { type PreparedPush, type Round, roundMaker } from './round.ts';
import { type Side, type SideKind, startSide } from './sides.ts';

let side: Side | null = null;
let cpuBefore: NodeJS.CpuUsage | null = null;
const rounds = roundMaker();

function started(): Side {
  if (side === null) throw new Error('not started');
  return side;
}

async function share({ context }: Side, { hostId, json, sentAtMillis }: PreparedPush): Promise<void> {
  const actor: Actor = { kind: 'agent', hostId };
  const receivedAtMillis = Math.max(context.now(), sentAtMillis);
  const read = readPush(json);
  if (read.outcome !== 'read') throw new Error(read.detail);
  await pushReports(actor, context, { push: read.value, receivedAtMillis, peer: '127.0.0.1' });
}

/** Microseconds of CPU that this process, with all its threads, used since `begin`. */
function cpuSinceBegin(): number {
  if (cpuBefore === null) throw new Error('nothing has begun');
  const { user, system } = process.cpuUsage(cpuBefore);
  return user + system;
}

function begin(): void {
  globalThis.gc?.();
  cpuBefore = process.cpuUsage();
}

export const handlers = {
  async start({ kind, dataFolder }: { kind: SideKind; dataFolder: string }): Promise<string | null> {
    side = await startSide(kind, dataFolder);
    return side.url;
  },
  begin,
  cpuSinceBegin,
  /** A round of the shared work, called in this process; its pushes are made before anything is measured. */
  async runShared(round: Round): Promise<number> {
    const prepared = await rounds.prepare(round, (push) => push);
    begin();
    await paced(prepared.length, round.perSecond, async (index) => {
      const push = prepared[index];
      if (push !== undefined) await share(started(), push);
    });
    return cpuSinceBegin();
  },
};

if (process.send !== undefined) answerParent(handlers, async () => side?.close());
