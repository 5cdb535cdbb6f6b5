/** What a GPU model prints of itself, from NVIDIA's public data sheets and the field tables; identifiers are invented. */
export interface GpuModel {
  readonly name: string;
  readonly brand: string;
  readonly architecture: string;
  /** PCI device and subsystem ids, as nvidia-smi prints them. */
  readonly deviceId: string;
  readonly subsystemId: string;
  readonly vbios: string;
  readonly partNumber: string;
  readonly memoryMiB: number;
  readonly reservedMiB: number;
  readonly bar1MiB: number;
  readonly watts: {
    readonly limit: number;
    readonly min: number;
    readonly max: number;
    readonly idle: number;
  };
  /** Top and idle clocks. */
  readonly megahertz: {
    readonly graphics: number;
    readonly memory: number;
    readonly video: number;
    readonly idleGraphics: number;
    readonly idleMemory: number;
  };
  readonly pcieGeneration: number;
  readonly hasEcc: boolean;
  readonly hasFan: boolean;
  readonly hasMig: boolean;
  readonly hasFabric: boolean;
  readonly hasMemoryTemperature: boolean;
  /** Ampere and newer data-centre boards remap rows; older ones retire pages. */
  readonly memoryRepair: 'remap' | 'retire' | 'none';
  readonly slowdownCelsius: number;
  readonly display: boolean;
}

const dataCentre = { hasEcc: true, hasFan: false, hasFabric: false, display: false } as const;
const desktop = {
  hasEcc: false,
  hasFan: true,
  hasMig: false,
  hasFabric: false,
  hasMemoryTemperature: false,
  memoryRepair: 'none',
  display: true,
} as const;

export const models = {
  h100: {
    ...dataCentre,
    name: 'NVIDIA H100 80GB HBM3',
    brand: 'NVIDIA',
    architecture: 'Hopper',
    deviceId: '233010DE',
    subsystemId: '16C110DE',
    vbios: '96.00.A5.00.03',
    partNumber: '692-2G520-0200-000',
    memoryMiB: 81559,
    reservedMiB: 479,
    bar1MiB: 131072,
    watts: { limit: 700, min: 200, max: 700, idle: 71 },
    megahertz: { graphics: 1980, memory: 2619, video: 1545, idleGraphics: 345, idleMemory: 2619 },
    pcieGeneration: 5,
    hasMig: true,
    hasFabric: true,
    hasMemoryTemperature: true,
    memoryRepair: 'remap',
    slowdownCelsius: 92,
  },
  a100: {
    ...dataCentre,
    name: 'NVIDIA A100-SXM4-80GB',
    brand: 'NVIDIA',
    architecture: 'Ampere',
    deviceId: '20B210DE',
    subsystemId: '146310DE',
    vbios: '92.00.9E.00.03',
    partNumber: '692-2G506-0212-002',
    memoryMiB: 81920,
    reservedMiB: 769,
    bar1MiB: 131072,
    watts: { limit: 400, min: 100, max: 400, idle: 62 },
    megahertz: { graphics: 1410, memory: 1593, video: 1275, idleGraphics: 210, idleMemory: 1593 },
    pcieGeneration: 4,
    hasMig: true,
    hasFabric: true,
    hasMemoryTemperature: true,
    memoryRepair: 'remap',
    slowdownCelsius: 89,
  },
  l40s: {
    ...dataCentre,
    name: 'NVIDIA L40S',
    brand: 'NVIDIA',
    architecture: 'Ada Lovelace',
    deviceId: '26B910DE',
    subsystemId: '185110DE',
    vbios: '95.02.66.00.08',
    partNumber: '900-2G133-0080-000',
    memoryMiB: 46068,
    reservedMiB: 598,
    bar1MiB: 65536,
    watts: { limit: 350, min: 100, max: 350, idle: 34 },
    megahertz: { graphics: 2520, memory: 9001, video: 1965, idleGraphics: 210, idleMemory: 405 },
    pcieGeneration: 4,
    hasMig: false,
    hasMemoryTemperature: false,
    memoryRepair: 'remap',
    slowdownCelsius: 88,
  },
  t4: {
    ...dataCentre,
    name: 'Tesla T4',
    brand: 'NVIDIA',
    architecture: 'Turing',
    deviceId: '1EB810DE',
    subsystemId: '12A210DE',
    vbios: '90.04.A7.00.01',
    partNumber: '900-2G183-0000-001',
    memoryMiB: 15360,
    reservedMiB: 441,
    bar1MiB: 256,
    watts: { limit: 70, min: 60, max: 70, idle: 10 },
    megahertz: { graphics: 1590, memory: 5001, video: 1470, idleGraphics: 300, idleMemory: 405 },
    pcieGeneration: 3,
    hasMig: false,
    hasMemoryTemperature: false,
    memoryRepair: 'retire',
    slowdownCelsius: 93,
  },
  v100: {
    ...dataCentre,
    name: 'Tesla V100-SXM2-32GB',
    brand: 'Tesla',
    architecture: 'Volta',
    deviceId: '1DB510DE',
    subsystemId: '124910DE',
    vbios: '88.00.80.00.01',
    partNumber: '900-2G503-0010-000',
    memoryMiB: 32510,
    reservedMiB: 0,
    bar1MiB: 32768,
    watts: { limit: 300, min: 150, max: 300, idle: 43 },
    megahertz: { graphics: 1530, memory: 877, video: 1372, idleGraphics: 135, idleMemory: 877 },
    pcieGeneration: 3,
    hasMig: false,
    hasMemoryTemperature: true,
    memoryRepair: 'retire',
    slowdownCelsius: 87,
  },
  gb200: {
    ...dataCentre,
    name: 'NVIDIA GB200',
    brand: 'NVIDIA',
    architecture: 'Blackwell',
    deviceId: '294110DE',
    subsystemId: '204610DE',
    vbios: '97.00.C5.00.1B',
    partNumber: '900-2G548-A801-000',
    memoryMiB: 189471,
    reservedMiB: 710,
    bar1MiB: 262144,
    watts: { limit: 1200, min: 200, max: 1200, idle: 166 },
    megahertz: { graphics: 2062, memory: 3996, video: 1687, idleGraphics: 345, idleMemory: 3996 },
    pcieGeneration: 5,
    hasMig: true,
    hasFabric: true,
    hasMemoryTemperature: true,
    memoryRepair: 'remap',
    slowdownCelsius: 88,
  },
  rtx4090: {
    ...desktop,
    name: 'NVIDIA GeForce RTX 4090',
    brand: 'GeForce',
    architecture: 'Ada Lovelace',
    deviceId: '268410DE',
    subsystemId: '40BF1458',
    vbios: '95.02.3C.40.B8',
    partNumber: 'N/A',
    memoryMiB: 24564,
    reservedMiB: 471,
    bar1MiB: 32768,
    watts: { limit: 450, min: 10, max: 600, idle: 18 },
    megahertz: { graphics: 3105, memory: 10501, video: 2415, idleGraphics: 210, idleMemory: 405 },
    pcieGeneration: 4,
    slowdownCelsius: 90,
  },
  rtx3090: {
    ...desktop,
    name: 'NVIDIA GeForce RTX 3090',
    brand: 'GeForce',
    architecture: 'Ampere',
    deviceId: '220410DE',
    subsystemId: '38801462',
    vbios: '94.02.4B.00.0B',
    partNumber: 'N/A',
    memoryMiB: 24576,
    reservedMiB: 310,
    bar1MiB: 256,
    watts: { limit: 350, min: 100, max: 366, idle: 24 },
    megahertz: { graphics: 2100, memory: 9751, video: 1950, idleGraphics: 210, idleMemory: 405 },
    pcieGeneration: 4,
    slowdownCelsius: 95,
  },
} as const satisfies Readonly<Record<string, GpuModel>>;
