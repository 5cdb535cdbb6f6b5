import fc from 'fast-check';
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { catalogue } from './catalogue.ts';
import { exampleContainer, exampleGpu, exampleHost } from './example-host.ts';
import { type ExposedHost, isTold } from './family.ts';
import { createFleetExposition } from './render.ts';

const text = { openMetrics: false };
const openMetrics = { openMetrics: true };

function rendered(...hosts: ExposedHost[]): string {
  const exposition = createFleetExposition();
  for (const host of hosts) exposition.update(host);
  return exposition.render(text);
}

function linesOf(document: string, name: string): string[] {
  return document.split('\n').filter((line) => line.startsWith(`${name}{`));
}

function readLabels(labels: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
    found[match[1]!] = match[2]!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
  return found;
}

/** prom-client is given the same series through its own API; only the values come from our families. */
async function renderedByPromClient(hosts: ExposedHost[], withOpenMetrics: boolean): Promise<string> {
  const RegistryOf = Registry as unknown as new (contentType: string) => Registry;
  const registry = new RegistryOf(
    withOpenMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE,
  );
  for (const family of catalogue) {
    const series: [Record<string, string>, number][] = [];
    for (const host of hosts) {
      if (!isTold(family, host)) continue;
      // Raw texts: escaping is left to prom-client, so a fault in ours shows.
      const gpuTexts = host.gpus.map((_, i) => `gpu-${i}`);
      family.emit(
        host,
        { host: 'host-text', gpus: gpuTexts, areGpusDistinct: true },
        (labels, value, more = '') => {
          if (value === null) return;
          const gpu = host.gpus[gpuTexts.findIndex((mark) => labels.startsWith(mark))];
          const base =
            gpu === undefined
              ? { host: host.hostname }
              : { host: host.hostname, gpu: String(gpu.index ?? ''), uuid: gpu.uuid ?? gpu.pciBusId ?? '' };
          series.push([{ ...base, ...readLabels(labels + more) }, value]);
        },
      );
    }
    const names = [...new Set(series.flatMap(([labels]) => Object.keys(labels)))];
    const configuration = { name: family.name, help: family.help, labelNames: names, registers: [registry] };
    if (family.type === 'counter') {
      const counter = new Counter(configuration);
      if (names.length === 0) counter.remove();
      for (const [labels, value] of series) counter.inc(labels, value);
    } else {
      const gauge = new Gauge(configuration);
      if (names.length === 0) gauge.remove();
      for (const [labels, value] of series) gauge.set(labels, value);
    }
  }
  return registry.metrics();
}

const awkwardText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a"b', 'a\\b', 'a\nb', '\\n', '"\\\n"', '{}=,'),
);
const awkwardNumber = fc.oneof(
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1e21, 1.5e300, 5e-324, 1e-7, 0.1 + 0.2, Number.MAX_SAFE_INTEGER, 85_520_809_984),
);

describe('prom-client writes the same bytes', () => {
  const hosts = fc
    .array(
      fc.record({
        hostname: awkwardText,
        label: awkwardText,
        gpuName: awkwardText,
        image: awkwardText,
        value: awkwardNumber,
        current: fc.boolean(),
      }),
      { maxLength: 4 },
    )
    .map((seeds) =>
      seeds.map((seed, i) =>
        exampleHost({
          id: `${i}`,
          hostname: `${i}${seed.hostname}`,
          current: seed.current,
          labels: [{ key: 'a.b/c', value: seed.label, source: 'agent' }],
          gpus: [
            exampleGpu({
              uuid: `GPU-${i}`,
              name: seed.gpuName,
              energyJoules: seed.value,
              fanRatio: seed.value,
            }),
            exampleGpu({ uuid: `GPU-${i}-b`, index: 1, throttleReasons: null, migDevices: [] }),
          ],
          containers: [
            {
              ...exampleHost().containers[0]!,
              image: seed.image,
              gpus: [{ ...exampleHost().containers[0]!.gpus[0]!, gpuUuid: `GPU-${i}` }],
            },
          ],
        }),
      ),
    );

  test('as Prometheus text', async () => {
    await fc.assert(
      fc.asyncProperty(hosts, async (fleet) => {
        expect(rendered(...fleet)).toBe(await renderedByPromClient(fleet, false));
      }),
      { numRuns: 60 },
    );
  });

  test('also where it keeps what stays as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hosts, { minLength: 1, maxLength: 4 }), async (moments) => {
        const exposition = createFleetExposition();
        for (const fleet of moments) {
          for (const host of fleet) exposition.update(host);
          for (let gone = fleet.length; gone < 4; gone += 1) exposition.remove(String(gone));
          expect(exposition.render(text)).toBe(rendered(...fleet));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('as OpenMetrics, but for the units that it does not know', async () => {
    await fc.assert(
      fc.asyncProperty(hosts, async (fleet) => {
        const exposition = createFleetExposition();
        for (const host of fleet) exposition.update(host);
        const ours = exposition.render(openMetrics).replace(/^# UNIT .*\n/gm, '');
        expect(ours).toBe(await renderedByPromClient(fleet, true));
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is written', () => {
  test('a null value gives no series', () => {
    const document = rendered(exampleHost({ gpus: [exampleGpu({ fanRatio: null, index: 3 })] }));
    expect(linesOf(document, 'gpufleet_gpu_fan_ratio')).toEqual([]);
    expect(linesOf(document, 'gpufleet_gpu_power_watts')).toEqual([
      'gpufleet_gpu_power_watts{host="node1",gpu="3",uuid="GPU-11111111-2222-3333-4444-555555555555"} 612.34',
    ]);
  });

  test('the power is the one that pages and history show, also where only the average is told', () => {
    const power = { ...exampleGpu().power, drawWatts: null, instantWatts: null, averageWatts: 210 };
    const [line] = linesOf(
      rendered(exampleHost({ gpus: [exampleGpu({ power })] })),
      'gpufleet_gpu_power_watts',
    );
    expect(line).toMatch(/ 210$/);
  });

  test('a host that reports a failed driver keeps what it is and which source failed, without its GPUs but what the kernel says of them', () => {
    const document = rendered(exampleHost({ current: false, state: 'driver-failed' }));
    expect(document).toMatch(/^gpufleet_host_info\{/m);
    expect(document).toMatch(/^gpufleet_collect_success\{/m);
    expect(document).toMatch(/^gpufleet_host_up\{.*\} 1$/m);
    expect(document).toMatch(/^gpufleet_gpu_xid_errors_total\{.*xid="94"\} 3$/m);
    expect(document).not.toMatch(/^gpufleet_(gpu_(?!xid_)|mig_|container_)[a-z_]+\{/m);
  });

  test('texts that were not understood are counted by form, and findings named', () => {
    const problem = (field: string) => ({ field, text: 'x', message: 'y' });
    const finding = {
      code: 'cdi-stale',
      check: 'cdi',
      severity: 'warning',
      what: '',
      why: '',
      fix: [],
      evidence: [],
    } as const;
    const doctor = {
      checkedAt: '',
      durationSeconds: 0,
      findings: [finding, finding],
      passed: [],
      notApplicable: [],
      unknown: [],
    };
    const problems = [
      problem('xml:/gpu[0]/a'),
      problem('xml:/gpu[1]/a'),
      problem('labels'),
      problem('clock'),
    ];
    const document = rendered(exampleHost({ problems, doctor }));
    expect(document).toContain('gpufleet_collect_problems{host="node1",form="xml"} 2\n');
    expect(document).toContain('gpufleet_collect_problems{host="node1",form="labels"} 1\n');
    expect(document).not.toContain('form="clock"');
    expect(document).toContain(
      'gpufleet_doctor_finding{host="node1",code="cdi-stale",severity="warning"} 1\n',
    );
  });

  test('the hosts of alerts that fire, under the names of their other series, and none that is not there', () => {
    const exposition = createFleetExposition();
    for (const id of ['aaaaaaaa1', 'bbbbbbbb2', 'c'])
      exposition.update(exampleHost({ id, hostname: id === 'c' ? 'no"de' : 'twin' }));
    expect(exposition.render(text)).not.toContain('gpufleet_host_alert');
    const alerts = (hostIds: readonly string[]) => [
      { rule: 'hub-or-network', severity: 'critical', firing: 0, hostIds: [] } as const,
      { rule: 'host-gone', severity: 'critical', firing: hostIds.length, hostIds } as const,
    ];
    exposition.setAlerts(alerts(['bbbbbbbb2', 'c', 'removed']));
    const document = exposition.render(text);
    expect(linesOf(document, 'gpufleet_host_alert')).toEqual([
      'gpufleet_host_alert{host="twin (bbbbbbbb)",alert="host-gone"} 1',
      'gpufleet_host_alert{host="no\\"de",alert="host-gone"} 1',
    ]);
    expect(document).toContain('gpufleet_host_up{host="twin (bbbbbbbb)"} 1');
    expect(linesOf(document, 'gpufleet_alerts')).toHaveLength(2);
    exposition.setAlerts(alerts([]));
    expect(linesOf(exposition.render(openMetrics), 'gpufleet_host_alert')).toEqual([]);
  });

  test('a host that is gone keeps only up and the time of its last report', () => {
    const document = rendered(exampleHost({ current: false, state: 'gone' }));
    expect(document.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'gpufleet_host_up{host="node1"} 0',
      'gpufleet_host_last_report_timestamp_seconds{host="node1"} 1795435200.25',
    ]);
  });

  test('a host that never reported is down and has no last report', () => {
    const document = rendered(
      exampleHost({ current: false, lastReportAt: null, state: 'starting', gpus: [] }),
    );
    expect(linesOf(document, 'gpufleet_host_up')).toEqual(['gpufleet_host_up{host="node1"} 0']);
    expect(linesOf(document, 'gpufleet_host_last_report_timestamp_seconds')).toEqual([]);
  });

  test('a lost GPU still says what it was, and that it is down', () => {
    const lost = exampleGpu({ state: 'lost', index: null, uuid: null });
    const other = exampleGpu({ state: 'lost', index: null, uuid: null, pciBusId: '00000000:2B:00.0' });
    const document = rendered(exampleHost({ gpus: [lost, other] }));
    expect(linesOf(document, 'gpufleet_gpu_up')).toEqual([
      'gpufleet_gpu_up{host="node1",gpu="",uuid="00000000:1B:00.0"} 0',
      'gpufleet_gpu_up{host="node1",gpu="",uuid="00000000:2B:00.0"} 0',
    ]);
  });

  test('a throttle reason that drivers know is 0 when inactive, an unknown one shows while active', () => {
    const document = rendered(
      exampleHost({ gpus: [exampleGpu({ throttleReasons: ['sw_power_cap', 'brand_new'] })] }),
    );
    const reasons = linesOf(document, 'gpufleet_gpu_throttle_active').map((line) => [
      readLabels(line)['reason'],
      line.at(-1),
    ]);
    expect(reasons).toContainEqual(['sw_power_cap', '1']);
    expect(reasons).toContainEqual(['hw_slowdown', '0']);
    expect(reasons).toContainEqual(['brand_new', '1']);
  });

  test('jobs, units and users are told beside containers, by the kind that they are', () => {
    const use = { ...exampleHost().containers[0]!.gpus[0]!, usedMemoryBytes: 100, smRatio: 0.25 };
    const owner = {
      key: 'slurm:42',
      kind: 'slurm',
      name: 'train',
      namespace: null,
      podUid: null,
      slurmJobId: '42',
      unit: null,
      uid: null,
      person: { name: 'ada', from: 'slurm', isInferred: false },
      nameProblem: null,
      gpus: [use],
    } as const;
    const user = { ...owner, key: 'user:1000', kind: 'user', name: 'bob', slurmJobId: null } as const;
    const document = rendered(exampleHost({ containers: [], owners: [owner, user] }));
    const gpu = `host="node1",gpu="0",uuid="${use.gpuUuid}"`;
    expect(linesOf(document, 'gpufleet_container_gpu_utilization_ratio')).toEqual([
      `gpufleet_container_gpu_utilization_ratio{${gpu},container="slurm:42",image="",runtime="slurm",namespace="",pod=""} 0.25`,
      `gpufleet_container_gpu_utilization_ratio{${gpu},container="bob",image="",runtime="user",namespace="",pod=""} 0.25`,
    ]);
  });

  test('past so many owners of a GPU the smallest are one series, and who ended is gone', () => {
    const [first] = exampleHost().containers;
    const containers = Array.from({ length: 6 }, (_, index) => ({
      ...first!,
      id: `c${index}`,
      name: `c${index}`,
      gpus: [{ ...first!.gpus[0]!, usedMemoryBytes: 10 + index, smRatio: index === 0 ? null : 0.1 }],
    }));
    const exposition = createFleetExposition();
    const tell = (shown: typeof containers) => {
      exposition.update({ ...exampleHost({ containers: shown }), maxOwnersPerGpu: 3 });
      const lines = linesOf(
        exposition.render({ openMetrics: false }),
        'gpufleet_container_gpu_memory_used_bytes',
      );
      return lines.map((line) => [/container="([^"]*)"/.exec(line)?.[1], line.split('} ')[1]]);
    };
    expect(tell(containers)).toEqual([
      ['c5', '15'],
      ['c4', '14'],
      ['c3', '13'],
      ['other', '33'],
    ]);
    const document = exposition.render({ openMetrics: false });
    expect(linesOf(document, 'gpufleet_container_gpu_utilization_ratio').at(-1)).toMatch(
      /runtime="other".*} 0.2$/,
    );
    expect(tell(containers.slice(0, 2))).toEqual([
      ['c0', '10'],
      ['c1', '11'],
    ]);
    expect(tell([])).toEqual([]);
  });

  test('the uses of one container on several MIG devices of one GPU are one series', () => {
    const use = { ...exampleHost().containers[0]!.gpus[0]!, usedMemoryBytes: 100 };
    const container = {
      ...exampleHost().containers[0]!,
      gpus: [
        { ...use, gpuInstanceId: 1 },
        { ...use, gpuInstanceId: 2, smRatio: null },
      ],
    };
    const document = rendered(exampleHost({ containers: [container] }));
    expect(
      linesOf(document, 'gpufleet_container_gpu_memory_used_bytes').map((line) => line.split('} ')[1]),
    ).toEqual(['200']);
  });

  test('an Xid of a GPU that nvidia-smi does not list is told by its address', () => {
    const faultCounts = { ...exampleHost().faultCounts!, xids: [{ ...exampleHost().faultCounts!.xids[0]! }] };
    const document = rendered(exampleHost({ gpus: [], faultCounts }));
    expect(linesOf(document, 'gpufleet_gpu_xid_errors_total')).toEqual([
      'gpufleet_gpu_xid_errors_total{host="node1",gpu="",uuid="00000000:1B:00.0",xid="94"} 3',
    ]);
  });

  test('hosts with one name are told apart by id, and never give a series twice', () => {
    const twin = { hostname: 'clone', gpus: [exampleGpu({ uuid: 'GPU-same' })] };
    const document = rendered(
      exampleHost({ ...twin, id: 'aaaaaaaa-1' }),
      exampleHost({ ...twin, id: 'bbbbbbbb-2' }),
    );
    expect(linesOf(document, 'gpufleet_host_up')).toEqual([
      'gpufleet_host_up{host="clone (aaaaaaaa)"} 1',
      'gpufleet_host_up{host="clone (bbbbbbbb)"} 1',
    ]);
    const series = document.split('\n').map((line) => line.replace(/ [^ ]*$/, ''));
    const samples = series.filter((line) => line.includes('{'));
    expect(new Set(samples).size).toBe(samples.length);
  });

  test('the name comes back alone when its namesake is removed', () => {
    const exposition = createFleetExposition();
    exposition.update(exampleHost({ id: 'a' }));
    exposition.update(exampleHost({ id: 'b' }));
    exposition.render(text);
    exposition.remove('b');
    expect(linesOf(exposition.render(text), 'gpufleet_host_up')).toEqual([
      'gpufleet_host_up{host="node1"} 1',
    ]);
  });

  test('labels of a host that differ only in forbidden characters stay apart', () => {
    const labels = ['a.b', 'a-b'].map((key) => ({ key, value: key, source: 'agent' as const }));
    const [info] = linesOf(rendered(exampleHost({ labels })), 'gpufleet_host_info');
    expect(info).toContain('label_a_b="a-b",label_a_b__2="a.b"');
  });

  test('no two labels of a host share a name, whatever numbers their keys end in', () => {
    const part = fc.constantFrom('a', 'b', '.', '_', '-', '__2', '__3', '__2__2', 'é');
    const keys = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
      { maxLength: 12 },
    );
    const namesOf = (given: string[]) => {
      const labels = given.map((key) => ({ key, value: key, source: 'agent' as const }));
      const [info = ''] = linesOf(rendered(exampleHost({ labels })), 'gpufleet_host_info');
      return [...info.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="/g)].map((match) => match[1]);
    };
    const own = namesOf([]).length;
    const hold = (given: string[]) => {
      expect(new Set(namesOf(given)).size).toBe(own + given.length);
    };
    hold(['a.b', 'a_b', 'a_b__2']);
    fc.assert(fc.property(keys, hold));
  });

  test('OpenMetrics ends with its mark, names units, and counters without _total in their header', () => {
    const exposition = createFleetExposition();
    exposition.update(exampleHost());
    const document = exposition.render(openMetrics);
    expect(document.endsWith('\n# EOF\n')).toBe(true);
    expect(document).not.toContain('\n\n');
    expect(document).toContain(
      '# TYPE gpufleet_gpu_energy_joules counter\n# UNIT gpufleet_gpu_energy_joules joules\n',
    );
    expect(document).toMatch(/^gpufleet_gpu_energy_joules_total\{/m);
  });
});

describe('what is written again', () => {
  /** Counts how often a host's GPUs are read: once a rendering. */
  function counted(id: string): { host: ExposedHost; readings: () => number } {
    let readings = 0;
    const host = exampleHost({ id, hostname: id });
    const gpus = host.gpus;
    return {
      host: Object.defineProperty({ ...host }, 'gpus', {
        get() {
          readings += 1;
          return gpus;
        },
      }),
      readings: () => readings,
    };
  }

  test('only hosts that reported since the last scrape, and none before a scrape', async () => {
    const [first, second] = [counted('a'), counted('b')];
    const exposition = createFleetExposition();
    exposition.update(first.host);
    exposition.update(second.host);
    expect(first.readings()).toBe(0);
    exposition.render(text);
    const [firstCost, secondCost] = [first.readings(), second.readings()];
    exposition.render(openMetrics);
    exposition.update(second.host);
    await exposition.refresh();
    const afterRefresh = second.readings();
    exposition.render(text);
    expect(first.readings()).toBe(firstCost);
    expect(afterRefresh).toBe(secondCost * 2);
    expect(second.readings()).toBe(afterRefresh);
  });

  test('the order of reports does not matter', () => {
    const a = exampleHost({ id: 'a', hostname: 'a' });
    const b = exampleHost({ id: 'b', hostname: 'b' });
    expect(rendered(a, b)).toBe(rendered(b, a));
  });
});

test('a report as the agent has it can be exposed too', () => {
  const { hostId, hostname, current, ageSeconds, unattributed, ...reported } = exampleGpu();
  const document = rendered({ ...exampleHost(), gpus: [reported], containers: [exampleContainer()] });
  expect(linesOf(document, 'gpufleet_gpu_unattributed_memory_bytes')).toEqual([]);
  expect(linesOf(document, 'gpufleet_container_gpu_memory_used_bytes')).toHaveLength(1);
  expect([hostId, hostname, current, ageSeconds, unattributed]).toBeDefined();
});
