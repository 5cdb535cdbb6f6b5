// The hub's alerting alone, in a process of its own that is killed: `node alerting-child.ts FOLDER URL START SEED`.

import { ruleSet } from '../../../lib/alerts/rules/index.ts';
import { createFleet } from '../../../lib/fleet/index.ts';
import { createAlerting } from '../../../lib/hub/alerts/alerting.ts';
import { createChannelHealth } from '../../../lib/hub/alerts/channel-health.ts';
import { createCourier } from '../../../lib/hub/alerts/courier.ts';
import { createStandingTeller } from '../../../lib/hub/alerts/standing-teller.ts';
import { openOwnState } from '../../../lib/hub/data-folder.ts';
import { noChannelOptions } from '../../../lib/model/index.ts';
import { gpuFixture, reportFixture } from '../../../lib/protocol/push-fixture.ts';
import { isBroken, playedGpus } from './broken-gpus.ts';

const [folder = '', url = '', start = '', seed = ''] = process.argv.slice(2);
const startMillis = Number(start);
const tickEveryMillis = 20;
const now = () => Date.now();
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const state = await openOwnState(folder);
await state.putChannel({
  id: 'receiver',
  kind: 'webhook',
  name: 'receiver',
  url,
  secret: null,
  options: noChannelOptions,
  source: 'hub',
  createdAt: new Date(startMillis).toISOString(),
  createdBy: 'test',
});
const fleet = createFleet(now());
const hub = () => ({ url: '', version: '1.0.0' });
const health = createChannelHealth(state);
const alerting = createAlerting({
  state,
  fleet,
  drift: () => [],
  compat: () => [],
  issues: () => [],
  ssh: () => [],
  now,
  log,
  hubVersion: 'test',
  health,
  ruleSet: (
    (set) => () =>
      set
  )(ruleSet()),
  courier: createCourier({ state, now, hub, log, health, note: () => undefined }),
  teller: createStandingTeller({ state, now, hub, everySeconds: 60, health, log }),
  times: { hostGoneSeconds: 60, driftSeconds: 60, clearSeconds: 0.2, returnSeconds: 60 },
  groupWaitSeconds: 0.1,
  retentionSeconds: 3600,
});
await alerting.load();

let sequence = 0;
function report(): void {
  const at = now();
  sequence += 1;
  const gpus = playedGpus(Number(seed)).map((gpu) => ({
    ...gpuFixture(gpu.index),
    recoveryAction: isBroken(gpu, at - startMillis) ? 'Reset' : 'None',
  }));
  fleet.apply({
    host: { id: 'h1', hostname: 'gpu-01', labels: {} },
    agent: {
      version: 'test',
      epoch: `e${process.pid}`,
      startedAt: '',
      spooledReports: 0,
      spooledBytes: 0,
      droppedReports: 0,
    },
    report: reportFixture({ gpus, sequence, takenAt: new Date(at).toISOString() }),
    receivedAtMillis: at,
    takenAtMillis: at,
    clock: { seconds: 0, bestDelaySeconds: 0, measuredAtMillis: at } as never,
  });
}

report();
process.stdout.write('ready\n');
for (;;) {
  report();
  fleet.tick(now());
  await alerting.tick();
  await new Promise((resolve) => setTimeout(resolve, tickEveryMillis));
}
