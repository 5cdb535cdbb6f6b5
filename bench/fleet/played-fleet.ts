import { join } from 'node:path';
import { type Cleanup, freePort, temporaryFolder } from '../../e2e/integration/support/temporary.ts';
import { TestHub } from '../../e2e/integration/support/test-hub.ts';
import type { Report } from '../../lib/model/index.ts';
import { ensureBuilt } from '../../scripts/ensure-built.ts';
import { type Child, startChild } from '../support/child.ts';
import { enrolPlayedHosts } from '../support/enrolled.ts';
import { recordedReport } from '../support/played-host.ts';
import type { handlers } from './load.ts';

export const hosts = 1250;
export const gpusPerHost = 8;
export const intervalSeconds = 5;

export interface PlayedFleet {
  readonly hub: TestHub;
  readonly load: Child<typeof handlers>;
}

/** A real hub with its pages, and a process of its own that plays 1,250 hosts with 8 GPUs each and one viewer. */
export const startPlayedFleet = async (cleanup: Cleanup): Promise<PlayedFleet> =>
  playFleet(cleanup, { hosts, base: await recordedReport() });

/** The same with so many hosts that report like `base`. */
export async function playFleet(
  cleanup: Cleanup,
  { hosts: count, base }: { readonly hosts: number; readonly base: Report },
): Promise<PlayedFleet> {
  await ensureBuilt();
  const dataFolder = join(temporaryFolder(cleanup, 'bench'), 'data');
  const credentials = await enrolPlayedHosts(dataFolder, count);
  const hub = new TestHub(cleanup, { withPages: true }, { port: await freePort(), dataFolder });
  await hub.start();
  const load = startChild<typeof handlers>(new URL('./load.ts', import.meta.url));
  cleanup.add(() => load.stop());
  await load.call('start', {
    base,
    url: hub.url,
    credentials,
    intervalSeconds,
    viewerToken: await hub.apiToken(),
  });
  return { hub, load };
}

export const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
