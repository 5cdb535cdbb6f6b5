import { describe, expect, it } from 'vitest';
import type { GpuCondition, Report } from '../model/index.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from '../protocol/push-fixture.ts';
import type { Arrival } from './fleet.ts';
import { createFleet } from './live-fleet.ts';

const t0 = Date.parse('2026-11-23T12:00:00.000Z');
const base = pushFixture();
const id = base.host.id;

const arrival = (report: Partial<Report>, atMillis = t0, changes: Partial<Arrival> = {}): Arrival => ({
  host: base.host,
  agent: base.agent,
  report: reportFixture({ takenAt: new Date(atMillis).toISOString(), ...report }),
  receivedAtMillis: atMillis,
  takenAtMillis: atMillis,
  clock: { seconds: 0, measuredSeconds: [0] },
  ...changes,
});

/** Ticks each second up to and including `seconds` after t0. */
function tickTo(fleet: ReturnType<typeof createFleet>, seconds: number, fromSeconds = 0) {
  for (let at = fromSeconds; at <= seconds; at += 1) fleet.tick(t0 + at * 1000);
}

describe('a reporting host', () => {
  it('shows its newest report and names itself ok', () => {
    const fleet = createFleet(t0);
    expect(fleet.apply(arrival({}))).toBe('live');
    const summary = fleet.summary(id);
    expect(summary).toMatchObject({
      hostname: 'gpu-01',
      state: 'ok',
      current: true,
      driverVersion: '580.95.05',
    });
    expect(summary?.gpus[0]).toMatchObject({
      utilizationRatio: 0.5,
      powerWatts: 300,
      temperatureCelsius: 50,
    });
    expect(fleet.totals()).toMatchObject({
      hosts: 1,
      hostsReporting: 1,
      gpus: 2,
      powerWatts: 600,
      busyGpus: 2,
    });
    expect(fleet.attention()).toEqual([]);
  });

  it('shows no version of nvidia-smi as of now while nvidia-smi fails', () => {
    const fleet = createFleet(t0);
    const { stack, sources } = reportFixture();
    const failing = sources.map((each) =>
      each.source === 'nvidia-smi-xml' ? { ...each, state: 'failed' as const } : each,
    );
    expect(failing).not.toEqual(sources);
    const known = { driverVersion: '580.95.05', cudaVersion: '13.0' };
    const container = {
      id: 'c'.repeat(64),
      name: 'train',
      image: 'pytorch:2',
      imageId: null,
      runtime: 'docker',
      state: 'running',
      startedAt: null,
      labels: {},
      cudaVersion: '12.4',
      visibleDevices: null,
      requireCuda: null,
      namespace: null,
      pod: null,
      gpus: [],
    } as const;
    const report = { condition: 'driver-failed', sources: failing, containers: [container] } as const;
    fleet.apply(arrival({ ...report, stack: { ...stack, ...known, kernelDriverVersion: '570.1' } }));
    expect(fleet.summary(id)).toMatchObject({ driverVersion: '570.1', cudaVersion: null });
    expect(fleet.detail(id, t0)?.stack).toMatchObject({ driverVersion: null, cudaVersion: null });
    expect([...fleet.containers()]).toMatchObject([{ hostDriverVersion: '570.1', hostCudaVersion: null }]);
    const without = { ...stack, ...known, kernelDriverVersion: null };
    fleet.apply(arrival({ ...report, sequence: 2, stack: without }, t0 + 5000));
    expect(fleet.summary(id)?.driverVersion).toBeNull();
    fleet.apply(arrival({ sequence: 3, stack: without }, t0 + 10_000));
    expect(fleet.summary(id)).toMatchObject(known);
  });

  it('is never moved back by a late report of the same epoch', () => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({ sequence: 5 }));
    expect(fleet.apply(arrival({ sequence: 4, condition: 'driver-hung' }, t0 + 1000))).toBe('late');
    expect(fleet.apply(arrival({ sequence: 5, condition: 'driver-hung' }, t0 + 1000))).toBe('late');
    expect(fleet.summary(id)?.state).toBe('ok');
  });

  it('starts anew with a new epoch, whatever its sequence', () => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({ sequence: 900 }));
    const agent = { ...base.agent, epoch: 'e2' };
    expect(fleet.apply(arrival({ sequence: 1, condition: 'paused' }, t0 + 5000, { agent }))).toBe('live');
    expect(fleet.summary(id)?.state).toBe('paused');
    expect(fleet.apply(arrival({ sequence: 901 }, t0 - 60_000))).toBe('late');
  });

  it('tells who changed, once, and nobody when nothing did', () => {
    const fleet = createFleet(t0);
    const changed: string[] = [];
    const stop = fleet.onChange((host) => changed.push(host));
    fleet.apply(arrival({}));
    fleet.tick(t0 + 1000);
    fleet.tick(t0 + 2000);
    expect(changed).toEqual([id]);
    stop();
    fleet.remove(id);
    expect(changed).toEqual([id]);
    expect(fleet.summaries()).toEqual([]);
    expect(fleet.gpu(gpuFixture(0).uuid ?? '', t0)).toBeNull();
  });
});

describe('silence', () => {
  it('makes a host late after one and a half intervals and gone after three', () => {
    const fleet = createFleet(t0 - 60_000);
    tickTo(fleet, 0, -60);
    fleet.apply(arrival({ intervalSeconds: 5 }));
    tickTo(fleet, 7);
    expect(fleet.summary(id)?.state).toBe('ok');
    tickTo(fleet, 14, 8);
    expect(fleet.summary(id)).toMatchObject({ state: 'late', current: true });
    tickTo(fleet, 15, 15);
    const gone = fleet.summary(id);
    expect(gone).toMatchObject({ state: 'gone', current: false });
    expect(gone?.gpus[0]).toMatchObject({
      utilizationRatio: null,
      powerWatts: null,
      temperatureCelsius: null,
    });
    expect(gone?.gpus[0]?.name).toBe('NVIDIA H100 80GB HBM3');
    expect(fleet.totals()).toMatchObject({
      hostsReporting: 0,
      gpus: 2,
      powerWatts: null,
      utilizationRatio: null,
    });
    expect(fleet.attention()[0]).toMatchObject({
      severity: 'critical',
      hostId: id,
      since: '2026-11-23T12:00:00.000Z',
    });
    fleet.apply(arrival({ sequence: 2 }, t0 + 16_000));
    expect(fleet.summary(id)?.state).toBe('ok');
  });

  it('is the hub’s own right after its start: no host is gone before three intervals', () => {
    const fleet = createFleet(t0);
    const last = {
      report: reportFixture(),
      agent: base.agent,
      agentLabelSources: {},
      receivedAtMillis: t0 - 3_600_000,
      takenAtMillis: t0 - 3_600_000,
      gone: false,
    };
    fleet.know({ id, hostname: 'gpu-01', agentLabels: {}, hubLabels: {}, enrolledAtMillis: 0, last }, t0);
    tickTo(fleet, 14);
    expect(fleet.summary(id)).toMatchObject({ state: 'late', current: false });
    expect(fleet.attention()).toEqual([]);
    tickTo(fleet, 15, 15);
    expect(fleet.summary(id)?.state).toBe('gone');
  });

  it('is the hub’s own after it slept', () => {
    const fleet = createFleet(t0 - 60_000);
    tickTo(fleet, 0, -60);
    fleet.apply(arrival({}));
    fleet.tick(t0 + 600_000);
    expect(fleet.summary(id)?.state).not.toBe('gone');
    tickTo(fleet, 615, 601);
    expect(fleet.summary(id)?.state).toBe('gone');
  });

  it('that made a host gone stays so until it reports, though the hub sleeps or starts anew', () => {
    const fleet = createFleet(t0 - 60_000);
    tickTo(fleet, 0, -60);
    fleet.apply(arrival({}));
    tickTo(fleet, 15);
    const seen = new Set<string | undefined>();
    fleet.onChange(() => seen.add(fleet.summary(id)?.state));
    tickTo(fleet, 640, 600);
    expect(fleet.summary(id)).toMatchObject({ state: 'gone', stateSince: '2026-11-23T12:00:15.000Z' });
    expect([...seen]).toEqual([]);

    const last = fleet.lastReport(id);
    expect(last?.gone).toBe(true);
    const again = createFleet(t0 + 700_000);
    const known = { id, hostname: 'gpu-01', agentLabels: {}, hubLabels: {}, enrolledAtMillis: 0, last };
    again.know(known, t0 + 700_000);
    expect(again.summary(id)).toMatchObject({ state: 'gone', current: false });
    tickTo(again, 740, 701);
    expect(again.summary(id)?.state).toBe('gone');
    again.apply(arrival({ sequence: 2 }, t0 + 741_000));
    expect(again.summary(id)?.state).toBe('ok');
    expect(again.lastReport(id)?.gone).toBe(false);
  });

  it('calls a host that enrolled and never spoke starting, then gone', () => {
    const fleet = createFleet(t0);
    fleet.know({ id, hostname: 'new', agentLabels: {}, hubLabels: {}, enrolledAtMillis: t0, last: null }, t0);
    expect(fleet.summary(id)).toMatchObject({ state: 'starting', lastReportAt: null, gpus: [] });
    tickTo(fleet, 61);
    expect(fleet.summary(id)?.state).toBe('gone');
  });

  it('counts from when a reading was taken, not from when an old one arrived', () => {
    const fleet = createFleet(t0 - 60_000);
    tickTo(fleet, 0, -60);
    fleet.apply(arrival({}, t0, { takenAtMillis: t0 - 40_000 }));
    expect(fleet.summary(id)?.state).toBe('gone');
  });
});

describe('states of a report', () => {
  it.each<[GpuCondition, string, boolean]>([
    ['starting', 'starting', true],
    ['no-nvidia-smi', 'no-gpus', true],
    ['no-devices', 'no-gpus', true],
    ['driver-failed', 'driver-failed', false],
    ['driver-hung', 'driver-hung', false],
    ['paused', 'paused', false],
  ])('%s is %s', (condition, state, current) => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({ condition, failure: { code: 'timeout', message: 'why\nmore', gpu: null } }));
    expect(fleet.summary(id)).toMatchObject({ state, current });
    expect(fleet.summary(id)?.gpus[0]?.powerWatts).toBe(current ? 300 : null);
  });

  it('names the GPU that left the bus while nvidia-smi is dead', () => {
    const fleet = createFleet(t0);
    const failure = { code: 'gpu-lost', message: 'left the PCI bus', gpu: null } as const;
    const gpus = [gpuFixture(), { ...gpuFixture(1), state: 'lost' as const, failure }];
    fleet.apply(
      arrival({ condition: 'driver-failed', failure: { code: 'timeout', message: 'why', gpu: null }, gpus }),
    );
    expect(fleet.summary(id)).toMatchObject({
      ...{ state: 'driver-failed', current: false },
      stateReason: 'why; GPU 1 is lost',
    });
  });

  it('names the GPU that is lost and hides none of the others', () => {
    const fleet = createFleet(t0);
    const lost = {
      ...gpuFixture(1),
      state: 'lost' as const,
      failure: { code: 'gpu-lost' as const, message: 'GPU is lost.', gpu: null },
    };
    fleet.apply(arrival({ gpus: [gpuFixture(0), lost] }));
    expect(fleet.summary(id)).toMatchObject({
      state: 'gpu-lost',
      stateReason: 'GPU 1 is lost',
    });
    expect(fleet.summary(id)?.gpus.map((gpu) => gpu.powerWatts)).toEqual([300, null]);
    expect(fleet.totals()).toMatchObject({ gpus: 2, gpusLost: 1, gpusUnreadable: 0, powerWatts: 300 });
    expect(fleet.attention()).toMatchObject([{ severity: 'critical', href: `/gpus/${lost.uuid}` }]);
  });

  it('says that a card slows down by heat, as long as it is now, and nothing of slowing down as it should', () => {
    const fleet = createFleet(t0);
    const hot = (throttleReasons: readonly string[]) => ({
      ...gpuFixture(0),
      throttleReasons,
      temperature: { ...gpuFixture(0).temperature, gpuCelsius: 91 },
    });
    fleet.apply(arrival({ gpus: [hot(['hw_slowdown', 'hw_thermal_slowdown'])] }));
    expect(fleet.attention()).toMatchObject([
      { severity: 'warning', text: 'gpu-01 GPU 0: slowed down by heat (91 °C)' },
    ]);
    fleet.apply(arrival({ sequence: 2, gpus: [hot(['gpu_idle', 'sw_power_cap'])] }));
    expect(fleet.attention()).toEqual([]);
  });

  it('says which GPU has a critical Xid, for a day, and explains it in the detail', () => {
    const fleet = createFleet(t0);
    const told = (number: number, lastAt: string) => ({
      xid: number,
      pciBusId: '00000000:11:00.0',
      gpuUuid: null,
      count: 2,
      firstAt: lastAt,
      lastAt,
      lastText: 'text',
      lastPid: null,
      lastProcessName: null,
    });
    const at = new Date(t0 - 60_000).toISOString();
    const faults = { xids: [told(13, at), told(95, at)], troubles: [], throttles: [], starts: [] };
    fleet.apply(arrival({ faults }));
    const [uuid0, uuid1] = [gpuFixture(0).uuid, gpuFixture(1).uuid];
    expect(fleet.attention()).toEqual([
      {
        severity: 'critical',
        hostId: id,
        text: 'gpu-01 GPU 1: Xid 95: Uncontained memory error',
        since: at,
        href: `/gpus/${uuid1}`,
      },
    ]);
    expect(fleet.detail(id, t0)?.faults).toMatchObject([
      { xid: 95, severity: 'critical', gpuUuid: uuid1, count: 2, since: at },
      { xid: 13, severity: 'warning', gpuUuid: uuid1 },
    ]);
    expect(fleet.detail(id, t0)?.faultCounts).toEqual(faults);
    expect(fleet.summary(id)?.gpus.map((gpu) => gpu.faults)).toEqual([
      [],
      [
        { severity: 'critical', key: 'xid:95', title: 'Xid 95: Uncontained memory error', since: at },
        { severity: 'warning', key: 'xid:13', title: 'Xid 13: Graphics Engine Exception', since: at },
      ],
    ]);
    const lost = { ...gpuFixture(1), state: 'lost' as const };
    fleet.apply(
      arrival({ sequence: 2, gpus: [gpuFixture(0), lost], faults: { ...faults, xids: [told(79, at)] } }),
    );
    expect(fleet.summary(id)?.gpus[1]?.faults.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['xid:79', 'gpu-lost']),
    );
    expect(fleet.attention()[0]?.text).toBe('gpu-01 GPU 1: lost (Xid 79: GPU has fallen off the bus)');
    const old = new Date(t0 - 25 * 3600_000).toISOString();
    fleet.apply(arrival({ sequence: 3, faults: { ...faults, xids: [told(95, old)] } }));
    expect(fleet.attention()).toEqual([]);
    expect(fleet.summary(id)?.gpus.flatMap((gpu) => gpu.faults)).toEqual([]);
    expect(fleet.detail(id, t0)?.faults).toHaveLength(1);
    expect(fleet.gpu(uuid0 ?? '', t0)).not.toBeNull();
  });

  it('says that a clock is a day off', () => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({}, t0, { clock: { seconds: 86_400, measuredSeconds: [86_400] } }));
    expect(fleet.detail(id, t0)?.problems[0]).toMatchObject({ field: 'clock' });
    expect(fleet.attention()[0]?.text).toBe('gpu-01: clock is 24 h ahead');
  });
});

describe('views', () => {
  it('groups by label, else by model', () => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({}));
    expect(fleet.summary(id)?.group).toBe('NVIDIA H100 80GB HBM3');
    fleet.apply(arrival({ sequence: 2 }, t0, { host: { ...base.host, labels: { group: 'train' } } }));
    expect(fleet.summary(id)?.group).toBe('train');
  });

  it('gives the age of a sample by the hub’s clock', () => {
    const fleet = createFleet(t0);
    const sampledAt = new Date(t0 - 2000).toISOString();
    fleet.apply(arrival({ gpus: [{ ...gpuFixture(0), sampledAt }] }));
    expect(fleet.gpu(gpuFixture(0).uuid ?? '', t0 + 3000)).toMatchObject({
      ageSeconds: 5,
      hostId: id,
      current: true,
    });
  });

  it('keeps a GPU without a uuid under a name of its own', () => {
    const fleet = createFleet(t0);
    fleet.apply(arrival({ gpus: [{ ...gpuFixture(0), uuid: null }] }));
    expect(fleet.gpu(`${id}:00000000:10:00.0`, t0)?.index).toBe(0);
  });

  it('adds GPU names to containers', () => {
    const fleet = createFleet(t0);
    const gpu = { ...gpuFixture(1), processes: [processFixture(7, 'c1')] };
    const container = {
      id: 'c1',
      name: 'train',
      image: 'pytorch',
      imageId: null,
      runtime: 'docker',
      state: 'running',
      startedAt: null,
      labels: {},
      cudaVersion: '12.4',
      visibleDevices: null,
      requireCuda: null,
      namespace: null,
      pod: null,
      gpus: [
        {
          gpuUuid: gpu.uuid ?? '',
          gpuInstanceId: null,
          computeInstanceId: null,
          usedMemoryBytes: 1024 ** 3,
          smRatio: null,
          pids: [7],
        },
      ],
    };
    fleet.apply(arrival({ gpus: [gpu], containers: [container] }));
    expect([...fleet.containers()][0]).toMatchObject({
      hostname: 'gpu-01',
      gpus: [{ gpuIndex: 1, gpuName: 'NVIDIA H100 80GB HBM3' }],
    });
    expect([...fleet.gpus(t0)][0]?.unattributed.usedMemoryBytes).toBe(9 * 1024 ** 3);
  });
});
