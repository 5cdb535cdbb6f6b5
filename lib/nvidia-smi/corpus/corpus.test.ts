import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  emptyGpu,
  mergeGpu,
  parseQueryApps,
  parseQueryGpu,
  parseSmiVersion,
  parseSmiXml,
  type SmiGpu,
} from '../index.ts';
import {
  deliberateDifferences,
  exporterLabels,
  exporterMappings,
  gpuMappings,
  type Mapping,
  migMappings,
  type Subject,
} from './mapping.ts';

const corpus = fileURLToPath(new URL('../../../../shared/corpus/', import.meta.url));
const present = existsSync(`${corpus}EXPECTED.json`);
const read = (path: string) => readFileSync(corpus + path, 'utf8');
const filesOf = (folder: string) => (present ? readdirSync(corpus + folder) : []);

interface PeerMetric {
  readonly measurement: string;
  readonly tags: Record<string, string>;
  readonly fields: Record<string, unknown>;
}
interface Expectation {
  readonly gpu_count?: number;
  readonly mig_count?: number;
  readonly process_count?: number;
  readonly product_name?: string;
  readonly driver?: string;
  readonly cuda?: string;
  readonly metrics?: readonly PeerMetric[];
  readonly expected?: unknown;
}
const expectations: Record<string, Expectation> = present ? JSON.parse(read('EXPECTED.json')).files : {};
const under = (folder: string) =>
  Object.entries(expectations).filter(([path]) => path.startsWith(`${folder}/`));

/** Every expected key is mapped, or listed as a difference; none is passed over. */
function compare(
  where: string,
  expected: Record<string, unknown>,
  mappings: Record<string, Mapping>,
  subject: Subject,
) {
  for (const [key, value] of Object.entries(expected)) {
    if (`${where}:${key}` in deliberateDifferences) {
      expect(typeof value, `${key} is a difference and numeric`).not.toBe('number');
      continue;
    }
    const mapping = mappings[key];
    expect(mapping, `${where}: no field for ${key}`).toBeDefined();
    expect(mapping?.(subject), `${where}: ${key}`).toBe(value);
    compared += 1;
  }
}
let compared = 0;

function xml(path: string) {
  const document = parseSmiXml(read(path));
  const subject = ({ gpu, extra }: SmiGpu): Subject => ({
    gpu,
    extra,
    driverVersion: document.driverVersion,
    cudaVersion: document.cudaVersion,
  });
  return { document, subject };
}

describe.skipIf(!present)('corpus (skipped where ../shared/corpus is absent)', () => {
  it('keeps at most ten deliberate differences', () => {
    expect(Object.keys(deliberateDifferences).length).toBeLessThanOrEqual(10);
  });

  it.each(filesOf('smi-xml'))('reads smi-xml/%s whole, without a problem', (file) => {
    const { document } = xml(`smi-xml/${file}`);
    expect(document.failure).toBeNull();
    expect(document.problems.filter(({ field }) => field !== 'xml:/attached_gpus')).toEqual([]);
    expect(document.gpus.length).toBeGreaterThan(0);
    expect(document.gpus.map(({ gpu }) => gpu.index)).toEqual(document.gpus.map((_, position) => position));
    for (const { gpu } of document.gpus) expect(Object.keys(gpu)).toEqual(Object.keys(emptyGpu()));
  });

  it.each(filesOf('smi-query-gpu'))('reads smi-query-gpu/%s', (file) => {
    const document = parseQueryGpu(read(`smi-query-gpu/${file}`));
    const unnamed = document.problems.filter(({ message }) => !message.includes('columns are unknown'));
    expect(unnamed).toEqual([]);
    expect(document.failure).toBeNull();
  });

  it('reads every GPU and value of the headed query files', () => {
    for (const file of filesOf('smi-query-gpu').filter((name) => !name.includes('nounits'))) {
      const text = read(`smi-query-gpu/${file}`);
      const rows = text.trim().split('\n').length - 1;
      expect(parseQueryGpu(text).gpus.length, file).toBe(rows);
    }
  });

  it('reads the files without a head once their columns are named', () => {
    const text = read('smi-query-gpu/titanx8_nounits_2016.csv');
    const fields = [
      'index',
      'uuid',
      'name',
      'temperature.gpu',
      'utilization.gpu',
      'memory.used',
      'memory.total',
    ];
    const { gpus, problems } = parseQueryGpu(text, fields);
    expect(problems).toEqual([]);
    expect(gpus.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(gpus[1]?.gpu.utilization?.gpuRatio).toBe(0.86);
    expect(gpus[1]?.gpu.memory).toEqual({ usedBytes: 10_032 * 1_048_576, totalBytes: 12_206 * 1_048_576 });
    expect(parseQueryGpu(text).gpus.map(({ uuid }) => uuid)).toEqual(gpus.map(({ uuid }) => uuid));
  });

  it.each(filesOf('smi-xml-truncated'))('says that smi-xml-truncated/%s is cut', (file) => {
    const { document } = xml(`smi-xml-truncated/${file}`);
    expect(document.failure?.code).toBe('truncated');
    expect(document.gpus).toEqual([]);
    expect(document.driverVersion).not.toBeNull();
  });

  it.each(filesOf('failure'))('names the failure of failure/%s in every form', (file) => {
    const text = read(`failure/${file}`);
    const code = parseSmiXml(text).failure?.code;
    expect(code).toBeDefined();
    expect(parseQueryGpu(text).failure?.code).toBe(code);
    expect(parseQueryApps(text).failure?.code).toBe(code);
  });

  it.each(under('smi-xml').filter(([, { metrics }]) => metrics !== undefined))(
    'gives the values that telegraf expects of %s',
    (path, expectation) => {
      const { document, subject } = xml(path);
      const gpus = document.gpus;
      expect(gpus.length).toBe(expectation.gpu_count);
      expect(gpus.flatMap(({ gpu }) => gpu.migDevices).length).toBe(expectation.mig_count);
      // A difference: the count is of the peer's metrics, each of which is compared below.
      const processMetrics = expectation.metrics?.filter((metric) => metric.measurement.endsWith('_process'));
      expect(processMetrics?.length).toBe(expectation.process_count);
      expect(deliberateDifferences).toHaveProperty(['telegraf:process_count']);
      for (const { measurement, tags, fields } of expectation.metrics ?? []) {
        if (measurement === 'nvidia_smi_process') {
          compareProcess(gpus, tags, fields);
          continue;
        }
        const found = gpus.find(({ gpu }) => gpu.uuid === tags['uuid'])!;
        const mig = measurement === 'nvidia_smi_mig' ? migMappings(Number(tags['index'])) : {};
        compare('telegraf', { ...tags, ...fields }, { ...gpuMappings, ...mig }, subject(found));
      }
    },
  );

  function compareProcess(
    gpus: readonly SmiGpu[],
    tags: Record<string, string>,
    fields: Record<string, unknown>,
  ) {
    const process = gpus.flatMap(({ gpu }) => gpu.processes).find(({ pid }) => pid === fields['pid'])!;
    expect(deliberateDifferences).toHaveProperty(['telegraf:process-name']);
    expect(process.name?.startsWith(tags['name']!.trimEnd())).toBe(true);
    expect(process.type).toBe(tags['type']);
    expect(process.usedMemoryBytes).toBe(Number(fields['used_memory']) * 1_048_576);
    expect(Object.keys({ ...tags, ...fields }).sort()).toEqual(['name', 'pid', 'type', 'used_memory']);
  }

  it.each(under('smi-xml').filter(([path]) => path.includes('datakit')))(
    'gives the values that datakit expects of %s',
    (path, expectation) => {
      const { document, subject } = xml(path);
      expect(document.gpus.length).toBe(expectation.gpu_count);
      const expected = expectation.expected as {
        tags: Record<string, string>;
        fields: Record<string, unknown>;
      }[];
      expect(expected.length).toBe(document.gpus.length);
      for (const { tags, fields } of expected) {
        const found = document.gpus.find(({ gpu }) => gpu.uuid === tags['uuid'])!;
        compare('datakit', { ...tags, ...fields }, gpuMappings, subject(found));
      }
    },
  );

  it('gives the values that pai expects', () => {
    const unsupported = 'smi-xml/pai_nvidia_smi_sample_ecc_unsupported.xml';
    const rows = expectations[unsupported]?.expected as Record<string, unknown[]>;
    const { gpus } = xml(unsupported).document;
    expect(gpus.length).toBe(Object.keys(rows).length);
    for (const [minor, row] of Object.entries(rows)) {
      const { gpu } = gpus.find((candidate) => candidate.gpu.minorNumber === Number(minor))!;
      const none = { correctable: null, uncorrectable: null };
      const { volatile, aggregate } = gpu.ecc;
      expect([
        gpu.utilization.gpuRatio! * 100,
        gpu.utilization.memoryRatio! * 100,
        gpu.processes.map(({ pid }) => pid),
        JSON.stringify([volatile, aggregate]) === JSON.stringify([none, none]) ? 'no ecc' : gpu.ecc,
        String(gpu.minorNumber),
        gpu.uuid,
        gpu.temperature.gpuCelsius,
        Number(gpu.performanceState?.slice(1)),
        gpu.throttleReasons?.map((name) => `clocks_throttle_reason_${name}`),
      ]).toEqual(row);
    }
    const outOfOrder = 'smi-xml/pai_nvidia_smi_out_of_order.xml';
    const expected = expectations[outOfOrder]!.expected as { gpu_util_by_minor: Record<string, number> };
    const shuffled = xml(outOfOrder).document.gpus.map(({ gpu }) => gpu);
    expect(deliberateDifferences).toHaveProperty(['pai:minor']);
    const byIndex = shuffled.map((gpu) => [String(gpu.index), gpu.utilization.gpuRatio! * 100]);
    expect(Object.fromEntries(byIndex)).toEqual(expected.gpu_util_by_minor);
    expect(shuffled.map(({ minorNumber }) => minorNumber)).toEqual([1, 2, 3, 0]);
  });

  it.each(under('smi-xml').filter(([path]) => path.includes('k8sti_hw')))(
    'holds what k8s-test-infra asserts of the real node %s',
    (path, expectation) => {
      const { document } = xml(path);
      expect(document.driverVersion).toBe(expectation.driver);
      expect(document.cudaVersion).toBe(expectation.cuda);
      expect(document.gpus.length).toBe(expectation.gpu_count);
      for (const { gpu, state, extra } of document.gpus) {
        expect(state).toBe('ok');
        expect(gpu.name).toBe(expectation.product_name);
        const told = [
          gpu.temperature.gpuCelsius,
          gpu.clocks.smHertz,
          gpu.memory.totalBytes,
          gpu.power.limitWatts,
          gpu.uuid,
          gpu.performanceState,
        ];
        expect(told).not.toContain(null);
        const absolute = gpu.temperature.shutdownCelsius !== null;
        expect('temperatureShutdownMarginCelsius' in extra).toBe(!absolute);
        const { correctable, uncorrectable, pending, failure } = gpu.remappedRows;
        const rows = [correctable, uncorrectable, pending, failure].filter((value) => value !== null);
        expect([0, 4]).toContain(rows.length);
      }
    },
  );

  it('holds what k8s-test-infra asserts of its mocked nodes', () => {
    const mock = (name: string) => xml(`smi-xml/k8sti_mock_qx-${name}.xml`).document.gpus;
    expect(mock('gb200-lost').map(({ state }) => state)).toEqual(['ok', 'lost']);
    expect(mock('gb200-lost')[1]?.failure).toMatchObject({ code: 'gpu-lost', gpu: '0000:0B:00.0' });
    expect(mock('gb200-lost')[1]?.gpu.memory.totalBytes).toBeNull();
    expect(mock('gb200-lost')[1]?.gpu.bar1.totalBytes).toBeNull();
    const counters = mock('gb200-throttle-counters').map(({ extra }) => extra['throttledSecondsSwPowerCap']);
    expect(counters).toEqual([0.039595, 0]);
    for (const { gpu, extra } of mock('a100-healthy')) {
      expect(gpu.temperature.slowdownCelsius).not.toBeNull();
      expect(extra).not.toHaveProperty('temperatureLimitMarginCelsius');
    }
    for (const { gpu, extra } of mock('gb200-healthy')) {
      expect(gpu.temperature.slowdownCelsius).toBeNull();
      expect(extra).toHaveProperty('temperatureSlowdownMarginCelsius');
    }
    for (const [path, { gpu_count }] of under('smi-xml').filter(([file]) => file.includes('mock'))) {
      expect(xml(path).document.gpus.length).toBe(gpu_count);
    }
  });

  it.each(under('smi-query-gpu'))(
    'gives the values that nvidia_gpu_exporter expects of %s',
    (path, { expected }) => {
      const document = parseQueryGpu(read(path));
      const apps = parseQueryApps(
        read(path.replace('smi-query-gpu/', 'smi-query-apps/').replace('query-gpu', 'compute-apps')),
      );
      const version = parseSmiVersion(
        read(
          path.replace('smi-query-gpu/', 'smi-version/').replace(/_[a-z]+_query-gpu\.csv/, '_version.txt'),
        ),
      );
      const [row] = document.gpus;
      const subject: Subject = {
        gpu: mergeGpu(emptyGpu(), row!.gpu),
        extra: row!.extra,
        driverVersion: document.driverVersion,
        cudaVersion: version.cudaVersion,
      };
      const run: Record<string, Mapping> = {
        nvidia_smi_command_exit_code: () => (document.failure === null ? 0 : 1),
        nvidia_smi_failed_scrapes_total: () => (document.failure === null ? 0 : 1),
        nvidia_smi_compute_apps: () => apps.processes.length,
        nvidia_smi_compute_apps_last_collect_success: () => (apps.failure === null ? 1 : 0),
      };
      for (const [series, value] of Object.entries(expected as Record<string, number>)) {
        const [, name = '', labelText = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series)!;
        const labels = readLabels(labelText);
        if (name === 'nvidia_smi_gpu_info') {
          const printed = Object.entries(labels).filter(([, text]) => text !== '[N/A]');
          compare('exporter', Object.fromEntries(printed), exporterLabels, subject);
          for (const [key, text] of Object.entries(labels)) {
            if (text === '[N/A]') expect(exporterLabels[key]?.(subject) ?? null, key).toBeNull();
          }
        } else if (name.startsWith('nvidia_smi_compute_app_')) {
          const { process, gpuUuid } = apps.processes.find(
            (app) => String(app.process.pid) === labels['pid'],
          )!;
          expect(process.name).toBe(labels['process_name']);
          expect(gpuUuid).toBe(`GPU-${labels['uuid']}`);
          if (name.endsWith('_bytes')) expect(process.usedMemoryBytes).toBe(value);
          else expect(name).toBe('nvidia_smi_compute_app_info');
        } else {
          compare('exporter', { [name]: value }, { ...exporterMappings, ...run }, subject);
        }
      }
    },
  );

  it('compared more than a thousand values', () => {
    expect(compared).toBeGreaterThan(1000);
  });
});

function readLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, key, value]) => [key, value?.replaceAll('\\\\', '\\')]));
}
