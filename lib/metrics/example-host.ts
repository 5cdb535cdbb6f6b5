import type {
  Container,
  ContainerView,
  Diagnosis,
  GpuDetail,
  HostDetail,
  PciGpu,
  ReportedFaults,
} from '../model/index.ts';
import type { ExposedHost } from './family.ts';

const baseGpu: GpuDetail = {
  uuid: 'GPU-11111111-2222-3333-4444-555555555555',
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  brand: 'NVIDIA',
  architecture: 'Hopper',
  computeCapability: '9.0',
  pciBusId: '00000000:1B:00.0',
  serial: '1650000000000',
  vbiosVersion: '96.00.61.00.01',
  minorNumber: 0,
  performanceState: 'P0',
  persistenceMode: true,
  computeMode: 'Default',
  migMode: { current: true, pending: true },
  eccMode: { current: true, pending: true },
  addressingMode: null,
  virtualizationMode: 'None',
  utilization: {
    gpuRatio: 0.97,
    memoryRatio: 0.41,
    encoderRatio: 0,
    decoderRatio: 0.125,
    jpegRatio: null,
    ofaRatio: null,
  },
  memory: {
    totalBytes: 85_520_809_984,
    usedBytes: 1_048_576,
    freeBytes: 84_900_000_000,
    reservedBytes: 545_259_520,
  },
  bar1: { totalBytes: null, usedBytes: null, freeBytes: null },
  temperature: {
    gpuCelsius: 61,
    memoryCelsius: 72,
    slowdownCelsius: null,
    shutdownCelsius: null,
    targetCelsius: null,
  },
  power: {
    drawWatts: 612.34,
    averageWatts: null,
    instantWatts: null,
    limitWatts: 700,
    defaultLimitWatts: null,
    minLimitWatts: null,
    maxLimitWatts: null,
  },
  clocks: {
    graphicsHertz: 1_980_000_000,
    smHertz: 1_980_000_000,
    memoryHertz: 2_619_000_000,
    videoHertz: 1_545_000_000,
    maxGraphicsHertz: null,
    maxSmHertz: null,
    maxMemoryHertz: null,
  },
  fanRatio: 0.3,
  throttleReasons: ['sw_power_cap'],
  pcie: {
    generation: 5,
    maxGeneration: 5,
    width: 16,
    maxWidth: 16,
    txBytesPerSecond: null,
    rxBytesPerSecond: null,
    replays: 0,
  },
  ecc: { volatile: { correctable: 1, uncorrectable: 0 }, aggregate: { correctable: 7, uncorrectable: 0 } },
  remappedRows: { correctable: 2, uncorrectable: 0, pending: false, failure: false },
  retiredPages: { singleBit: null, doubleBit: null, pending: null },
  recoveryAction: 'None',
  fabric: { state: 'Completed', status: 'Success' },
  energyJoules: 123_456.75,
  migDevices: [
    {
      index: 0,
      gpuInstanceId: 1,
      computeInstanceId: 0,
      uuid: null,
      profile: '1g.10gb',
      memory: { totalBytes: 10_468_982_784, usedBytes: 13_631_488, freeBytes: 10_455_351_296 },
    },
  ],
  processes: [],
  state: 'ok',
  failure: null,
  sampledAt: '2026-11-23T12:00:00.000Z',
  detailsSampledAt: '2026-11-23T12:00:00.000Z',
  detailsMemoryUsedBytes: null,
  hostId: '1a2b3c4d-0000-4000-8000-000000000001',
  hostname: 'node1',
  current: true,
  ageSeconds: 1,
  unattributed: { usedMemoryBytes: 524_288, overcountBytes: 0, pids: [] },
};

/** A GPU with every value told, for tests. */
export function exampleGpu(changes: Partial<GpuDetail> = {}): GpuDetail {
  return { ...baseGpu, ...changes };
}

export function exampleContainer(changes: Partial<Container> = {}): Container {
  return {
    id: 'c0ffee'.padEnd(64, '0'),
    name: 'trainer',
    image: 'registry.example/train:1',
    imageId: null,
    runtime: 'docker',
    state: 'running',
    startedAt: null,
    labels: {},
    cudaVersion: '12.4.1',
    visibleDevices: 'all',
    requireCuda: null,
    namespace: null,
    pod: null,
    gpus: [
      {
        gpuUuid: 'GPU-11111111-2222-3333-4444-555555555555',
        gpuInstanceId: null,
        computeInstanceId: null,
        usedMemoryBytes: 524_288,
        smRatio: 0.9,
        pids: [1],
      },
    ],
    ...changes,
  };
}

const pciGpu: PciGpu = {
  busId: '0000:1b:00.0',
  deviceId: '2330',
  driver: 'nvidia',
  passedThrough: false,
  powerStatus: 'active',
};

const faultCounts: ReportedFaults = {
  xids: [
    {
      xid: 94,
      pciBusId: '00000000:1B:00.0',
      gpuUuid: null,
      count: 3,
      firstAt: '2026-11-23T11:00:00.000Z',
      lastAt: '2026-11-23T11:30:00.000Z',
      lastText: 'Contained memory error',
      lastPid: null,
      lastProcessName: null,
    },
  ],
  troubles: [],
  throttles: [{ gpuUuid: baseGpu.uuid ?? '', reason: 'sw_power_cap', seconds: 12.5 }],
  starts: [],
};
const doctor: Diagnosis = {
  checkedAt: '2026-11-23T12:00:00.000Z',
  durationSeconds: 0.1,
  findings: [
    {
      code: 'cdi-stale',
      check: 'cdi',
      severity: 'warning',
      what: 'It was made for another driver.',
      why: '',
      fix: [],
      evidence: [],
    },
  ],
  passed: [],
  notApplicable: [],
  unknown: [],
};

const extras: Required<Pick<Example, 'drift' | 'stackIssues' | 'owners'>> = {
  drift: [{ facet: 'driver', expected: '580.95.05', actual: '595.71.05' }],
  stackIssues: [{ kind: 'pending-mismatch', severity: 'critical' }],
  owners: [],
};

type Example = HostDetail & Required<Pick<ExposedHost, 'drift' | 'stackIssues'>>;

function exampleContainerView(): ContainerView {
  return {
    ...exampleContainer(),
    hostId: '',
    hostname: '',
    group: '',
    hostDriverVersion: null,
    hostCudaVersion: null,
    hostToolkitVersion: null,
    current: true,
    compat: {
      verdict: 'runs-with-limits',
      way: 'minor-version',
      layer: 'driver',
      text: '',
      errorText: null,
      fixes: [],
      missing: [],
      isContradicted: false,
    },
    exit: null,
    findings: [],
    gpus: exampleContainer().gpus.map((use) => ({ ...use, gpuIndex: 0, gpuName: null })),
  };
}

/** A host with everything in it, for tests. */
export function exampleHost(changes: Partial<Example> = {}): Example {
  return {
    ...extras,
    grantFindings: [],
    id: '1a2b3c4d-0000-4000-8000-000000000001',
    hostname: 'node1',
    group: 'h100',
    hiddenLabels: [],
    labels: [{ key: 'rack', value: 'r1', source: 'agent' }],
    state: 'ok',
    stateReason: 'reporting',
    stateSince: '2026-11-23T11:00:00.000Z',
    lastReportAt: '2026-11-23T12:00:00.250Z',
    intervalSeconds: 5,
    current: true,
    driverVersion: '580.95.05',
    cudaVersion: '13.0',
    containerCount: 1,
    maintenance: null,
    condition: 'ok',
    failure: null,
    takenAt: '2026-11-23T12:00:00.000Z',
    ageSeconds: 1,
    clockOffsetSeconds: -0.125,
    stack: {
      kernelDriverVersion: '580.95.05',
      kernelModuleFlavour: 'open',
      driverVersion: '580.95.05',
      cudaVersion: '13.0',
      containerToolkitVersion: '1.18.0',
      dockerVersion: '29.0.1',
      kernelVersion: '6.8.0-87-generic',
      osName: 'Ubuntu 24.04.3 LTS',
      architecture: 'x86_64',
      bootedAt: null,
    },
    agent: {
      version: '0.1.0',
      epoch: 'e',
      startedAt: '2026-11-23T11:00:00.000Z',
      spooledReports: 0,
      spooledBytes: 0,
      droppedReports: 0,
      stuckProcesses: 0,
    },
    gpus: [exampleGpu()],
    containers: [exampleContainerView()],
    failedContainers: [],
    sources: [
      {
        source: 'nvidia-smi-xml',
        state: 'ok',
        command: 'nvidia-smi -q -x',
        durationSeconds: 0.25,
        lastSuccessAt: null,
        failure: null,
        runs: 1,
        failures: 0,
      },
      {
        source: 'docker',
        state: 'absent',
        command: '/var/run/docker.sock',
        durationSeconds: null,
        lastSuccessAt: null,
        failure: null,
        runs: 1,
        failures: 0,
      },
    ],
    problems: [{ field: 'xml:/gpu[0]/new_field', text: 'odd', message: 'is not understood' }],
    pciGpus: [pciGpu],
    faults: [],
    faultCounts,
    pause: null,
    notes: [],
    askedPause: null,
    doctor,
    ...changes,
  };
}
