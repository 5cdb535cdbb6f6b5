import { count, field, type QueryField } from './field-kinds.ts';
import type { GpuScene } from './scene.ts';

export const link = 'pci/pci_gpu_link_info';
export const reasons = [
  ['gpu_idle', 0x1],
  ['applications_clocks_setting', 0x2],
  ['sw_power_cap', 0x4],
  ['hw_slowdown', 0x8],
  ['hw_thermal_slowdown', 0x40],
  ['hw_power_brake_slowdown', 0x80],
  ['sw_thermal_slowdown', 0x20],
  ['sync_boost', 0x10],
] as const;

export const reasonPaths = (reason: string): string[] => [
  `clocks_event_reasons/clocks_event_reason_${reason}`,
  `clocks_throttle_reasons/clocks_throttle_reason_${reason}`,
];

export const asMask = (mask: number): string => `0x${mask.toString(16).toUpperCase().padStart(16, '0')}`;

export function activeReasons(gpu: GpuScene): string {
  const told = reasonPaths('gpu_idle').some((path) => gpu.text(path) !== null);
  if (!told) return 'N/A';
  const active = [...reasons, ['display_clocks_setting', 0x100] as const].filter(([reason]) =>
    reasonPaths(reason).some((path) => gpu.text(path) === 'Active'),
  );
  return asMask(active.reduce((mask, [, bit]) => mask | bit, 0));
}

/** From 535 on the reasons are `event` reasons, and the older names are accepted and printed by the newer ones. */
export function reasonFields(): QueryField[] {
  const both = (tail: string, paths: string[], read?: QueryField['read']): QueryField => ({
    ...field(`clocks_event_reasons.${tail}`, paths, { aliases: [`clocks_throttle_reasons.${tail}`] }),
    ...(read === undefined ? {} : { read }),
  });
  return [
    both('supported', [], (gpu) => (activeReasons(gpu) === 'N/A' ? 'N/A' : asMask(0x1ff))),
    both('active', [], activeReasons),
    ...reasons.map(([reason]) => both(reason, reasonPaths(reason))),
  ];
}

export const sum = (gpu: GpuScene, paths: readonly string[]): string => {
  const texts = paths.map((path) => gpu.text(path)).filter((text) => text !== null);
  const numbers = texts.map(Number).filter((number) => !Number.isNaN(number));
  if (numbers.length > 0) return String(numbers.reduce((total, number) => total + number, 0));
  return texts[0] ?? 'N/A';
};

export function eccFields(): QueryField[] {
  const places = ['device_memory', 'dram', 'register_file', 'l1_cache', 'l2_cache', 'texture_memory', 'cbu'];
  return ['corrected', 'uncorrected'].flatMap((kind) =>
    ['volatile', 'aggregate'].flatMap((scope) => {
      const name = (place: string): string => `ecc.errors.${kind}.${scope}.${place}`;
      const base = `ecc_errors/${scope}`;
      const old = `${base}/${kind === 'corrected' ? 'single_bit' : 'double_bit'}`;
      const suffix = kind === 'corrected' ? 'correctable' : 'uncorrectable';
      const dram = `${base}/dram_${suffix}`;
      const sram = [
        `${base}/sram_${suffix}`,
        `${base}/sram_${suffix}_parity`,
        `${base}/sram_${suffix}_secded`,
      ];
      return [
        ...places.map((place) =>
          count(
            name(place),
            place === 'dram' || place === 'device_memory' ? [dram, `${old}/${place}`] : [`${old}/${place}`],
          ),
        ),
        count(name('sram'), sram, { read: (gpu) => sum(gpu, sram) }),
        count(name('total'), `${old}/total`, {
          read: (gpu) =>
            gpu.text(`${old}/total`) === null ? sum(gpu, [dram, ...sram]) : sum(gpu, [`${old}/total`]),
        }),
      ];
    }),
  );
}

export const compute: readonly (readonly [RegExp, string])[] = [
  [/GB10\b/, '12.1'],
  [/B300|GB300/, '10.3'],
  [/B200|GB200|B100/, '10.0'],
  [/RTX 50\d\d|RTX PRO \d+ Blackwell/, '12.0'],
  [/H100|H200|H800|H20\b|GH200/, '9.0'],
  [/L40|L4\b|L20\b|RTX 40\d\d| Ada /, '8.9'],
  [/A100|A30\b|A800/, '8.0'],
  [/A10\b|A40\b|A16\b|A2\b|RTX 30\d\d|RTX A\d+/, '8.6'],
  [/T4\b|RTX 20\d\d|GTX 16\d\d|Quadro RTX|TITAN RTX/, '7.5'],
  [/V100|TITAN V|Quadro GV100/, '7.0'],
  [/P100|GP100/, '6.0'],
  [/P40\b|P4\b|GTX 10\d\d|TITAN X \(Pascal\)|Quadro P\d+/, '6.1'],
  [/M40|M60|M10\b|GTX 9\d\d|TITAN X/, '5.2'],
  [/K80/, '3.7'],
  [/K40|K20|GTX 780/, '3.5'],
  [/K520|K10|GTX 6\d\d/, '3.0'],
];

/** No XML holds it, so it comes from the name; an unknown one prints N/A. */
export const computeCapability = (gpu: GpuScene): string => {
  const name = gpu.text('product_name') ?? '';
  return compute.find(([pattern]) => pattern.test(name))?.[1] ?? 'N/A';
};

export const hasGsp = (gpu: GpuScene): string => {
  const version = gpu.text('gsp_firmware_version');
  if (version === null || version === 'N/A') return version === null ? 'N/A' : 'Disabled';
  return 'Enabled';
};

export const histogram = (name: string): string =>
  `remapped_rows/row_remapper_histogram/row_remapper_histogram_${name}`;
export const powerPaths = (now: string, before: string): string[] => [
  `gpu_power_readings/${now}`,
  `power_readings/${before}`,
];
export const drawPaths = [
  'gpu_power_readings/power_draw',
  'gpu_power_readings/average_power_draw',
  'gpu_power_readings/instant_power_draw',
  'power_readings/power_draw',
];
export const counters = 'clocks_event_reasons_counters/clocks_event_reasons_counters_';
