import { afterAll, expect, test } from 'vitest';
import type { ControlInput } from '../../agents/access/simulated/player/control.ts';
import type { Alert, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { startPlayedMachine } from './support/played-machine.ts';
import { Cleanup, eventually } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());
const isRoot = process.getuid?.() === 0;

const recording = recordedHost('rtx4090x4');
const busIds = ['0000:01:00.0', '0000:21:00.0', '0000:41:00.0', '0000:61:00.0'];
const uevent = (busId: string) =>
  `DRIVER=nvidia\nPCI_CLASS=30000\nPCI_ID=10DE:2684\nPCI_SLOT_NAME=${busId}\n`;

test.skipIf(!isRoot).each<[string, ControlInput['fault'], string]>([
  ['fails', 'unknown-error', 'driver-failed'],
  ['hangs', 'hang-mid-sample', 'driver-hung'],
])(
  'a GPU that leaves the PCI bus while nvidia-smi %s is named, lost and alerted',
  async (name, fault, state) => {
    const hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--watched-interval', '1s'] });
    const files = busIds.map((busId) => [`/sys/bus/pci/devices/${busId}/uevent`, uevent(busId)]);
    const machine = await startPlayedMachine(cleanup, { name, files: Object.fromEntries(files) });
    const { player } = await startPlayedAgent(cleanup, hub, {
      name,
      control: { recording },
      prefix: machine.prefix,
    });
    const until = (what: string, check: (host: HostDetail) => boolean, seconds = 30): Promise<HostDetail> =>
      eventually(
        async () => {
          const [host] = (await hub.getJson<Page<HostSummary>>(`/api/v1/hosts?q=played=${name}`)).items;
          const detail = await hub.getJson<HostDetail>(`/api/v1/hosts/${host?.id}`);
          if (!check(detail)) throw new Error(`${detail.state}: ${detail.stateReason}`);
          return detail;
        },
        { what, seconds },
      );
    const states = ({ gpus }: HostDetail): string => gpus.map((gpu) => gpu.state).join();
    const well = await until('four GPUs', (host) => host.state === 'ok' && host.gpus.length === 4);

    await player.update({ recording, fault });
    const dead = await until(state, (host) => host.state === state, 60);
    expect(states(dead)).toBe('ok,ok,ok,ok');
    expect(dead.stateReason).toContain('4 NVIDIA GPUs are on the PCI bus');

    machine.unplug(busIds[2] ?? '');
    const fallen = await until('a lost GPU', (host) => states(host) === 'ok,ok,lost,ok');
    expect(fallen.gpus[2]).toMatchObject({ uuid: well.gpus[2]?.uuid, failure: { code: 'gpu-lost' } });
    expect(fallen.state).toBe(state);
    expect(fallen.stateReason).toMatch(/3 NVIDIA GPUs are on the PCI bus; GPU 2 is lost$/);
    const alert = await eventually(
      async () =>
        (await hub.getJson<Page<Alert>>('/api/v1/alerts')).items.find(({ rule }) => rule === 'gpu-lost'),
      { what: 'an alert', seconds: 40 },
    );
    expect(alert).toMatchObject({ severity: 'critical', what: expect.stringContaining('GPU 2') });

    await player.update({ recording, fault: { kind: 'gpu-missing', gpu: 2 } });
    const others = await until('the three others', (host) => host.state === 'gpu-lost', 60);
    expect(others.gpus.filter(({ power }) => power.drawWatts !== null)).toHaveLength(3);
  },
);

test.skipIf(!isRoot)('a host whose only GPU left the bus is none without GPUs', async () => {
  const hub = await startTestHub(cleanup, { options: ['--interval', '1s', '--watched-interval', '1s'] });
  const [busId = ''] = busIds;
  const path = `/sys/bus/pci/devices/${busId}/uevent`;
  const machine = await startPlayedMachine(cleanup, { name: 'single', files: { [path]: uevent(busId) } });
  const control = { recording, gpuCount: 1 };
  const { player } = await startPlayedAgent(cleanup, hub, {
    name: 'single',
    control,
    prefix: machine.prefix,
  });
  const host = async (): Promise<HostSummary | undefined> =>
    (await hub.getJson<Page<HostSummary>>('/api/v1/hosts?q=played=single')).items[0];
  await eventually(async () => (await host())?.state === 'ok', { what: 'the host', seconds: 30 });
  machine.unplug(busId);
  await player.update({ ...control, fault: 'no-devices' });
  await eventually(async () => /GPU 0 is lost/.test((await host())?.stateReason ?? ''), {
    what: 'the lost GPU',
    seconds: 30,
  });
  expect(await host()).toMatchObject({ state: 'driver-failed' });
});
