import type { GpuScene } from './scene.ts';

/** A field of `--query-gpu`: where its value stands in the XML, and how the CSV prints it. */
export interface QueryField {
  readonly name: string;
  readonly aliases: readonly string[];
  /** First driver branch that knows the field; one that we could not date has 0. */
  readonly since: number;
  /** Printed in the header and after the number: `MiB`; null for numbers and words without one. */
  readonly unit: string | null;
  /** Paths below the GPU; the first that is there and tells something is printed. */
  readonly paths: readonly string[];
  /** Computed instead of read. */
  readonly read?: (gpu: GpuScene) => string;
  /** From the XML's text to the CSV's, without unit and brackets. */
  readonly form: 'plain' | 'number' | 'hex' | 'bare' | 'bare-number';
  /** How a number set by the control file is written into the XML. */
  readonly written: { readonly unit: string; readonly decimals: number };
}

type Details = Partial<Pick<QueryField, 'aliases' | 'since' | 'read'>>;

const field = (
  name: string,
  paths: string | readonly string[],
  rest: Details & Partial<Pick<QueryField, 'unit' | 'form' | 'written'>> = {},
): QueryField => ({
  name,
  paths: typeof paths === 'string' ? [paths] : paths,
  aliases: [],
  since: 0,
  unit: null,
  form: 'plain',
  written: { unit: '', decimals: 0 },
  ...rest,
});

const withUnit =
  (unit: string, decimals = 0) =>
  (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
    field(name, paths, { unit, form: 'number', written: { unit: ` ${unit}`, decimals }, ...rest });

const percent = withUnit('%');
const mebibytes = withUnit('MiB');
const watts = withUnit('W', 2);
const megahertz = withUnit('MHz');
const microseconds = withUnit('us');

const count = (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
  field(name, paths, { form: 'number', ...rest });
const celsius = (name: string, paths: string | readonly string[], rest: Details = {}): QueryField =>
  field(name, paths, { form: 'number', written: { unit: ' C', decimals: 0 }, ...rest });
const hexadecimal = (name: string, path: string, rest: Details = {}): QueryField =>
  field(name, path, { form: 'hex', ...rest });
const bare = (name: string, path: string, rest: Details = {}): QueryField =>
  field(name, path, { form: 'bare', ...rest });

const link = 'pci/pci_gpu_link_info';
const reasons = [
  ['gpu_idle', 0x1],
  ['applications_clocks_setting', 0x2],
  ['sw_power_cap', 0x4],
  ['hw_slowdown', 0x8],
  ['hw_thermal_slowdown', 0x40],
  ['hw_power_brake_slowdown', 0x80],
  ['sw_thermal_slowdown', 0x20],
  ['sync_boost', 0x10],
] as const;

const reasonPaths = (reason: string): string[] => [
  `clocks_event_reasons/clocks_event_reason_${reason}`,
  `clocks_throttle_reasons/clocks_throttle_reason_${reason}`,
];

const asMask = (mask: number): string => `0x${mask.toString(16).toUpperCase().padStart(16, '0')}`;

function activeReasons(gpu: GpuScene): string {
  const told = reasonPaths('gpu_idle').some((path) => gpu.text(path) !== null);
  if (!told) return 'N/A';
  const active = [...reasons, ['display_clocks_setting', 0x100] as const].filter(([reason]) =>
    reasonPaths(reason).some((path) => gpu.text(path) === 'Active'),
  );
  return asMask(active.reduce((mask, [, bit]) => mask | bit, 0));
}

/** From 535 on the reasons are `event` reasons, and the older names are accepted and printed by the newer ones. */
function reasonFields(): QueryField[] {
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

const sum = (gpu: GpuScene, paths: readonly string[]): string => {
  const texts = paths.map((path) => gpu.text(path)).filter((text) => text !== null);
  const numbers = texts.map(Number).filter((number) => !Number.isNaN(number));
  if (numbers.length > 0) return String(numbers.reduce((total, number) => total + number, 0));
  return texts[0] ?? 'N/A';
};

function eccFields(): QueryField[] {
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

const compute: readonly (readonly [RegExp, string])[] = [
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
const computeCapability = (gpu: GpuScene): string => {
  const name = gpu.text('product_name') ?? '';
  return compute.find(([pattern]) => pattern.test(name))?.[1] ?? 'N/A';
};

const hasGsp = (gpu: GpuScene): string => {
  const version = gpu.text('gsp_firmware_version');
  if (version === null || version === 'N/A') return version === null ? 'N/A' : 'Disabled';
  return 'Enabled';
};

const histogram = (name: string): string =>
  `remapped_rows/row_remapper_histogram/row_remapper_histogram_${name}`;
const powerPaths = (now: string, before: string): string[] => [
  `gpu_power_readings/${now}`,
  `power_readings/${before}`,
];
const drawPaths = [
  'gpu_power_readings/power_draw',
  'gpu_power_readings/average_power_draw',
  'gpu_power_readings/instant_power_draw',
  'power_readings/power_draw',
];
const counters = 'clocks_event_reasons_counters/clocks_event_reasons_counters_';

/** In nvidia-smi's own order. */
export const queryFields: readonly QueryField[] = [
  field('timestamp', [], { read: (gpu) => gpu.scene.csvTimestamp }),
  field('driver_version', [], { read: (gpu) => gpu.scene.driverVersion ?? 'N/A' }),
  field('kmd_version', [], { since: 595, read: (gpu) => gpu.scene.driverVersion ?? 'N/A' }),
  field('count', [], { read: (gpu) => String(gpu.scene.gpus.length) }),
  field('name', 'product_name', { aliases: ['gpu_name'] }),
  field('serial', 'serial', { aliases: ['gpu_serial'] }),
  field('uuid', 'uuid', { aliases: ['gpu_uuid'] }),
  field('pci.bus_id', 'pci/pci_bus_id', { aliases: ['gpu_bus_id'] }),
  hexadecimal('pci.domain', 'pci/pci_domain'),
  hexadecimal('pci.bus', 'pci/pci_bus'),
  hexadecimal('pci.device', 'pci/pci_device'),
  hexadecimal('pci.baseClass', 'pci/pci_base_class', { since: 565 }),
  hexadecimal('pci.subClass', 'pci/pci_sub_class', { since: 565 }),
  hexadecimal('pci.device_id', 'pci/pci_device_id'),
  hexadecimal('pci.sub_device_id', 'pci/pci_sub_system_id'),
  count('pcie.link.gen.current', `${link}/pcie_gen/current_link_gen`),
  count('pcie.link.gen.gpucurrent', [`${link}/pcie_gen/device_current_link_gen`], { since: 520 }),
  count('pcie.link.gen.max', `${link}/pcie_gen/max_link_gen`),
  count('pcie.link.gen.gpumax', `${link}/pcie_gen/max_device_link_gen`, { since: 520 }),
  count('pcie.link.gen.hostmax', `${link}/pcie_gen/max_host_link_gen`, { since: 520 }),
  count('pcie.link.width.current', `${link}/link_widths/current_link_width`),
  count('pcie.link.width.max', `${link}/link_widths/max_link_width`),
  field('index', [], { read: (gpu) => String(gpu.index) }),
  field('display_mode', 'display_mode'),
  field('display_attached', 'display_attached', { since: 580 }),
  field('display_active', 'display_active'),
  field('persistence_mode', 'persistence_mode'),
  field('addressing_mode', 'addressing_mode', { since: 535 }),
  field('accounting.mode', 'accounting_mode'),
  field('accounting.buffer_size', 'accounting_mode_buffer_size'),
  field('driver_model.current', 'driver_model/current_dm'),
  field('driver_model.pending', 'driver_model/pending_dm'),
  field('vbios_version', 'vbios_version'),
  field('inforom.img', 'inforom_version/img_version', { aliases: ['inforom.image'] }),
  field('inforom.oem', 'inforom_version/oem_object'),
  field('inforom.ecc', 'inforom_version/ecc_object'),
  field('inforom.pwr', 'inforom_version/pwr_object', { aliases: ['inforom.power'] }),
  field('gpu_recovery_action', 'gpu_recovery_action', { since: 570 }),
  field('gom.current', 'gpu_operation_mode/current_gom', { aliases: ['gpu_operation_mode.current'] }),
  field('gom.pending', 'gpu_operation_mode/pending_gom', { aliases: ['gpu_operation_mode.pending'] }),
  percent('fan.speed', 'fan_speed'),
  field('pstate', ['performance_state', 'gpu_power_readings/power_state']),
  ...reasonFields(),
  microseconds('clocks_event_reasons_counters.sw_power_cap', `${counters}sw_power_cap`, { since: 575 }),
  microseconds('clocks_event_reasons_counters.sync_boost', `${counters}sync_boost`, { since: 575 }),
  microseconds('clocks_event_reasons_counters.sw_thermal_slowdown', `${counters}sw_therm_slowdown`, {
    since: 575,
  }),
  microseconds('clocks_event_reasons_counters.hw_thermal_slowdown', `${counters}hw_therm_slowdown`, {
    since: 575,
  }),
  microseconds('clocks_event_reasons_counters.hw_power_brake_slowdown', `${counters}hw_power_brake`, {
    since: 575,
  }),
  mebibytes('memory.total', 'fb_memory_usage/total'),
  mebibytes('memory.reserved', 'fb_memory_usage/reserved', { since: 510 }),
  mebibytes('memory.used', 'fb_memory_usage/used'),
  mebibytes('memory.free', 'fb_memory_usage/free'),
  field('compute_mode', 'compute_mode'),
  field('compute_cap', [], { since: 470, read: computeCapability }),
  percent('utilization.gpu', 'utilization/gpu_util'),
  percent('utilization.memory', 'utilization/memory_util'),
  percent('utilization.encoder', 'utilization/encoder_util', { since: 545 }),
  percent('utilization.decoder', 'utilization/decoder_util', { since: 545 }),
  percent('utilization.jpeg', 'utilization/jpeg_util', { since: 545 }),
  percent('utilization.ofa', 'utilization/ofa_util', { since: 545 }),
  count('encoder.stats.sessionCount', 'encoder_stats/session_count'),
  count('encoder.stats.averageFps', 'encoder_stats/average_fps'),
  count('encoder.stats.averageLatency', 'encoder_stats/average_latency'),
  field('dramEncryption.mode.current', 'dram_encryption_mode/current_dram_encryption', { since: 565 }),
  field('dramEncryption.mode.pending', 'dram_encryption_mode/pending_dram_encryption', { since: 565 }),
  field('ecc.mode.current', 'ecc_mode/current_ecc'),
  field('ecc.mode.pending', 'ecc_mode/pending_ecc'),
  ...eccFields(),
  count('retired_pages.single_bit_ecc.count', 'retired_pages/multiple_single_bit_retirement/retired_count', {
    aliases: ['retired_pages.sbe'],
  }),
  count('retired_pages.double_bit.count', 'retired_pages/double_bit_retirement/retired_count', {
    aliases: ['retired_pages.dbe'],
  }),
  field('retired_pages.pending', ['retired_pages/pending_blacklist', 'retired_pages/pending_retirement']),
  count('remapped_rows.correctable', 'remapped_rows/remapped_row_corr', {
    since: 565,
    aliases: ['remapped_rows.sbe'],
  }),
  count('remapped_rows.uncorrectable', 'remapped_rows/remapped_row_unc', {
    since: 565,
    aliases: ['remapped_rows.dbe'],
  }),
  field('remapped_rows.pending', 'remapped_rows/remapped_row_pending', { since: 565 }),
  field('remapped_rows.failure', 'remapped_rows/remapped_row_failure', { since: 565 }),
  ...['max', 'high', 'partial', 'low', 'none'].map((name) =>
    count(`remapped_rows.histogram.${name}`, histogram(name), { since: 565 }),
  ),
  celsius('temperature.gpu', 'temperature/gpu_temp'),
  celsius('temperature.gpu.tlimit', 'temperature/gpu_temp_tlimit', { since: 565 }),
  field('temperature.memory', 'temperature/memory_temp', {
    form: 'bare-number',
    written: { unit: ' C', decimals: 0 },
  }),
  field('power.management', ['power_readings/power_management']),
  watts('power.draw', drawPaths),
  watts('power.draw.average', 'gpu_power_readings/average_power_draw', {
    since: 530,
    aliases: ['gpu.power.draw.average'],
  }),
  watts(
    'power.draw.instant',
    ['gpu_power_readings/instant_power_draw', 'gpu_power_readings/power_draw', 'power_readings/power_draw'],
    {
      since: 530,
      aliases: ['gpu.power.draw.instant'],
    },
  ),
  watts('power.limit', powerPaths('requested_power_limit', 'power_limit'), {
    aliases: ['gpu.power.requested_limit'],
  }),
  watts('enforced.power.limit', powerPaths('current_power_limit', 'enforced_power_limit'), {
    aliases: ['gpu.power.current_limit'],
  }),
  watts('power.default_limit', powerPaths('default_power_limit', 'default_power_limit'), {
    aliases: ['gpu.power.default_limit'],
  }),
  watts('power.min_limit', powerPaths('min_power_limit', 'min_power_limit'), {
    aliases: ['gpu.power.min_limit'],
  }),
  watts('power.max_limit', powerPaths('max_power_limit', 'max_power_limit'), {
    aliases: ['gpu.power.max_limit'],
  }),
  watts('module.power.draw.average', 'module_power_readings/average_power_draw', { since: 545 }),
  watts('module.power.draw.instant', 'module_power_readings/instant_power_draw', { since: 545 }),
  watts('module.power.limit', 'module_power_readings/requested_power_limit', { since: 545 }),
  watts('module.enforced.power.limit', 'module_power_readings/current_power_limit', { since: 545 }),
  megahertz('clocks.current.graphics', 'clocks/graphics_clock', { aliases: ['clocks.gr'] }),
  megahertz('clocks.current.sm', 'clocks/sm_clock', { aliases: ['clocks.sm'] }),
  megahertz('clocks.current.memory', 'clocks/mem_clock', { aliases: ['clocks.mem'] }),
  megahertz('clocks.current.video', 'clocks/video_clock', { aliases: ['clocks.video'] }),
  megahertz('clocks.applications.graphics', 'applications_clocks/graphics_clock', {
    aliases: ['clocks.applications.gr'],
  }),
  megahertz('clocks.applications.memory', 'applications_clocks/mem_clock', {
    aliases: ['clocks.applications.mem'],
  }),
  megahertz('clocks.default_applications.graphics', 'default_applications_clocks/graphics_clock', {
    aliases: ['clocks.default_applications.gr'],
  }),
  megahertz('clocks.default_applications.memory', 'default_applications_clocks/mem_clock', {
    aliases: ['clocks.default_applications.mem'],
  }),
  megahertz('clocks.max.graphics', 'max_clocks/graphics_clock', { aliases: ['clocks.max.gr'] }),
  megahertz('clocks.max.sm', 'max_clocks/sm_clock'),
  megahertz('clocks.max.memory', 'max_clocks/mem_clock', { aliases: ['clocks.max.mem'] }),
  field('mig.mode.current', 'mig_mode/current_mig', { since: 450 }),
  field('mig.mode.pending', 'mig_mode/pending_mig', { since: 450 }),
  field('gsp.mode.current', [], { since: 520, read: hasGsp }),
  field('gsp.mode.default', [], { since: 520, read: hasGsp }),
  field('c2c.mode', 'c2c_mode', { since: 565 }),
  mebibytes('protected_memory.total', 'cc_protected_memory_usage/total', { since: 545 }),
  mebibytes('protected_memory.used', 'cc_protected_memory_usage/used', { since: 545 }),
  mebibytes('protected_memory.free', 'cc_protected_memory_usage/free', { since: 545 }),
  bare('fabric.state', 'fabric/state', { since: 525 }),
  bare('fabric.status', 'fabric/status', { since: 525 }),
  bare('fabric.cliqueId', 'fabric/cliqueId', { since: 565 }),
  bare('fabric.clusterUuid', 'fabric/clusterUuid', { since: 565 }),
  ...['summary', 'bandwidth', 'route_recovery_in_progress', 'route_unhealthy', 'access_timeout_recovery'].map(
    (name) => bare(`fabric.health.${name}`, `fabric/health/${name}`, { since: 565 }),
  ),
  bare('fabric.health.incorrect_configuration', 'fabric/health/incorrect_configuration', { since: 580 }),
];

const byName = new Map<string, QueryField>();
for (const entry of queryFields) for (const name of [entry.name, ...entry.aliases]) byName.set(name, entry);

const renamed = 535;

/** The field of that name or alias on that branch, or null. Branch 0 (unknown) knows them all. */
export function findField(name: string, branch: number): QueryField | null {
  const found = byName.get(name) ?? null;
  if (found === null || branch === 0) return found;
  if (branch < renamed && name.startsWith('clocks_event_reasons')) return null;
  return found.since <= branch ? found : null;
}

/** The name in the header: `clocks_event_reasons.active` was printed by its older name before 535. */
export function headerName(entry: QueryField, branch: number): string {
  const name =
    branch > 0 && branch < renamed
      ? entry.name.replace('clocks_event_reasons.', 'clocks_throttle_reasons.')
      : entry.name;
  return entry.unit === null ? name : `${name} [${entry.unit}]`;
}

/** The text of a GPU's field as the XML has it, or null where this document lacks it. */
export function fieldText(entry: QueryField, gpu: GpuScene): string | null {
  if (entry.read !== undefined) return entry.read(gpu);
  let last: string | null = null;
  for (const path of entry.paths) {
    const text = gpu.text(path);
    if (text !== null && text !== 'N/A' && text !== '') return text;
    last ??= text;
  }
  return last;
}
