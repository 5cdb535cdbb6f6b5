import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoFleet, startDemoFleet } from '../../agents/access/simulated/demo-fleet.ts';
import { demoHosts } from '../../agents/access/simulated/demo-hosts.ts';
import type { ContainerView, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { startProgram } from './support/programs.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let token: string;
beforeAll(async () => {
  hub = await startTestHub(cleanup);
  token = await hub.enrollmentToken();
});

const hosts = async (query: string): Promise<readonly HostSummary[]> =>
  (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?limit=500&q=${query}`)).items;

describe('the demo', () => {
  let fleet: DemoFleet;
  beforeAll(async () => {
    fleet = await startDemoFleet({ hubUrl: hub.url, token, intervalSeconds: 1, faultAfterSeconds: 10 });
  });
  afterAll(() => fleet.stop());

  test('shows twelve hosts, one lost GPU, MIG, and containers with several CUDA versions', async () => {
    const expected = Object.fromEntries(
      demoHosts.map(({ hostname }) => [hostname, hostname === 'dgx-a100-02' ? 'gpu-lost' : 'ok']),
    );
    // All at one moment: on a busy machine a host that reports each second is late now and then.
    const seen = await eventually(async () => {
      const all = await hosts('');
      expect(all.filter(({ gpus }) => gpus.length === 0)).toEqual([]);
      expect(Object.fromEntries(all.map(({ hostname, state }) => [hostname, state]))).toEqual(expected);
      return all;
    });
    const lost = seen.find(({ hostname }) => hostname === 'dgx-a100-02');
    expect(lost?.gpus.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'lost', 'ok', 'ok']);
    expect(new Set(seen.flatMap(({ gpus }) => gpus.map(({ uuid }) => uuid))).size).toBe(56);
    expect(new Set(seen.map(({ driverVersion }) => driverVersion)).size).toBeGreaterThanOrEqual(8);
    const mig = seen.find(({ hostname }) => hostname === 'hgx-h100-01');
    expect(mig?.gpus[7]?.migDevices).toHaveLength(4);

    // The first reports come before the engines were asked.
    await eventually(async () => {
      const containers = await hub.getJson<Page<ContainerView>>('/api/v1/containers?limit=500');
      const versions = new Set(containers.items.map(({ cudaVersion }) => cudaVersion));
      for (const version of ['11.8.0', '12.1.1', '12.4.1', '12.8', '13.0'])
        expect(versions).toContain(version);
      // Who uses none was given some.
      expect(containers.items.filter(({ gpus, grant }) => gpus.length === 0 && grant == null)).toEqual([]);
      expect(containers.items.filter(({ gpus }) => gpus.length === 0)).not.toEqual([]);
      return true;
    });
    const detail = await hub.getJson<HostDetail>(`/api/v1/hosts/${mig?.id}`);
    const hot = seen.find(({ hostname }) => hostname === 'ws-ada-4090')?.gpus[2];
    expect(hot?.temperatureCelsius).toBe(91);
    expect(hot?.throttleReasons).toContain('hw_thermal_slowdown');
    const notebook = detail.containers.find(({ name }) => name === 'notebook-ada');
    expect(notebook?.gpus).toMatchObject([{ gpuIndex: 7, gpuInstanceId: 2 }]);
  });

  test('has a driver that hangs and one that was upgraded beneath its library, after a while', async () => {
    const stateOf = async (hostname: string) => (await hosts(hostname))[0]?.state;
    await eventually(async () => (await stateOf('inf-l40s-02')) === 'driver-failed', { seconds: 60 });
    await eventually(async () => (await stateOf('lab-3090')) === 'driver-hung', { seconds: 60 });
  });
});

test('gpufleet simulate brings hosts with as many GPUs as told, one of them with a fault, and ends by SIGTERM', async () => {
  const program = startProgram(cleanup, [
    process.execPath,
    join(import.meta.dirname, '../../bin/gpufleet.js'),
    'simulate',
    ...['--hub', hub.url, '--token', token, '--hosts', '10', '--gpus', '3'],
    ...['--interval', '1s', '--fault', 'driver-not-loaded'],
  ]);
  await eventually(async () => {
    const seen = await hosts('sim-');
    expect(seen.map(({ state }) => state).sort()).toEqual(['driver-failed', ...Array(9).fill('ok')]);
    expect(seen.slice(1).map(({ gpus }) => gpus.length)).toEqual(Array(9).fill(3));
    return true;
  });
  await program.stop('SIGTERM', 10);
  expect((await program.ended).code).toBe(0);
});
