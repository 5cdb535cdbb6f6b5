import { agent } from './agent/index.ts';
import { alerts } from './alerts/index.ts';
import { asCommand, type BenchCommand } from './bench.ts';
import { compat } from './compat/index.ts';
import { fleet } from './fleet/index.ts';
import { fleetPage } from './fleet/page.ts';
import { historyAppend, historyRead } from './history.ts';
import { metrics } from './metrics/index.ts';
import { containersPage } from './owners/page.ts';
import { waste } from './owners/waste.ts';
import { push } from './push/index.ts';
import { search } from './search.ts';
import { ssh, sshMany, sshServers } from './ssh/index.ts';

/** Every benchmark; a new one is a file of its own and a line here. */
export const benches: readonly BenchCommand[] = [
  asCommand(historyAppend),
  asCommand(historyRead),
  asCommand(push),
  metrics,
  compat,
  fleet,
  fleetPage,
  containersPage,
  asCommand(waste),
  agent,
  alerts,
  asCommand(search),
  ssh,
  sshServers,
  sshMany,
];
