import type { AlertSeverity } from './alert.ts';

/** Which hosts and GPUs a rule is for; null of either: all. */
export interface AlertScope {
  /** Any of these: a hostname (`*` and `?` match), an id, `group=…`, or a label `key=value`. */
  readonly hosts: readonly string[] | null;
  /** Any of these names of GPU models, with `*` and `?`: `*H100*`. */
  readonly models: readonly string[] | null;
}

/** What the fleet file says of one of the house's rules; null: as it is. */
export interface AlertRuleSettings {
  readonly isOn: boolean | null;
  readonly severity: AlertSeverity | null;
  readonly forSeconds: number | null;
  readonly clearForSeconds: number | null;
  /** In the rule's own unit. */
  readonly threshold: number | null;
  readonly scope: AlertScope | null;
}

/** `of`: one for each GPU, or one for the host. */
export interface AlertField {
  readonly of: 'gpu' | 'host';
  readonly kind: 'number' | 'flag' | 'text';
  /** As a value is written: `bytes`, `celsius`, `ratio` (0 to 1); null for counts, flags and texts. */
  readonly unit: string | null;
  readonly says: string;
  /** Its name in history; null: only what is now is known. */
  readonly history: string | null;
}

const gpu = (kind: AlertField['kind'], unit: string | null, says: string, history: string | null = null) =>
  ({ of: 'gpu', kind, unit, says, history }) as const;
const host = (kind: AlertField['kind'], unit: string | null, says: string) =>
  ({ of: 'host', kind, unit, says, history: null }) as const;

/** What a rule of one's own may ask for. */
export const alertFields = {
  'gpu.utilization': gpu('number', 'ratio', 'share of time in which it worked', 'gpu_utilization_ratio'),
  'gpu.memory-utilization': gpu(
    'number',
    'ratio',
    'share of time in which its memory was read or written',
    'gpu_memory_utilization_ratio',
  ),
  'gpu.memory-used': gpu('number', 'bytes', 'memory in use', 'gpu_memory_used_bytes'),
  'gpu.memory-used-share': gpu('number', 'ratio', 'share of its memory in use'),
  'gpu.temperature': gpu('number', 'celsius', 'temperature of the GPU', 'gpu_temperature_celsius'),
  'gpu.memory-temperature': gpu(
    'number',
    'celsius',
    'temperature of its memory',
    'gpu_memory_temperature_celsius',
  ),
  'gpu.power': gpu('number', 'watts', 'power that it draws', 'gpu_power_watts'),
  'gpu.power-share': gpu('number', 'ratio', 'power that it draws, of its limit'),
  'gpu.power-limit': gpu('number', 'watts', 'its power limit'),
  'gpu.fan': gpu('number', 'ratio', 'speed of its fan', 'gpu_fan_ratio'),
  'gpu.sm-clock': gpu('number', 'hertz', 'clock of its multiprocessors', 'gpu_sm_clock_hertz'),
  'gpu.memory-clock': gpu('number', 'hertz', 'clock of its memory', 'gpu_memory_clock_hertz'),
  'gpu.pcie-generation': gpu('number', null, 'generation that its PCI Express link runs at'),
  'gpu.pcie-width': gpu('number', null, 'lanes of its PCI Express link'),
  'gpu.pcie-replays': gpu('number', null, 'replays of its PCI Express link'),
  'gpu.ecc-uncorrectable': gpu('number', null, 'uncorrectable memory errors since the driver was loaded'),
  'gpu.ecc-uncorrectable-ever': gpu('number', null, 'uncorrectable memory errors since it was made'),
  'gpu.ecc-correctable': gpu('number', null, 'corrected memory errors since the driver was loaded'),
  'gpu.remapped-rows': gpu('number', null, 'memory rows remapped after uncorrectable errors'),
  'gpu.retired-pages': gpu('number', null, 'memory pages retired for single-bit or double-bit errors'),
  'gpu.processes': gpu('number', null, 'processes on it'),
  'gpu.ecc-mode': gpu('flag', null, 'whether ECC is on'),
  'gpu.persistence-mode': gpu('flag', null, 'whether persistence mode is on'),
  'gpu.mig-mode': gpu('flag', null, 'whether MIG is on'),
  'gpu.compute-mode': gpu('text', null, 'its compute mode, such as Default'),
  'gpu.performance-state': gpu('text', null, 'its performance state, such as P0'),
  'gpu.vbios': gpu('text', null, 'its VBIOS version'),
  'host.gpus': host('number', null, 'GPUs that give values'),
  'host.containers': host('number', null, 'containers that use a GPU'),
  'host.uptime': host('number', 'seconds', 'time since it booted'),
  'host.driver': host('text', null, 'version of its driver'),
  'host.cuda': host('text', null, 'newest CUDA of its driver'),
  'host.toolkit': host('text', null, 'version of its NVIDIA Container Toolkit'),
  'host.kernel': host('text', null, 'version of its kernel'),
  'host.agent': host('text', null, 'version of its agent'),
} as const satisfies Readonly<Record<string, AlertField>>;

export type AlertFieldName = keyof typeof alertFields;
export const alertFieldNames = Object.keys(alertFields) as readonly AlertFieldName[];

/** `is` and `is-not` of a text take `*` and `?`. */
export const alertComparisons = ['above', 'below', 'is', 'is-not'] as const;
export type AlertComparison = (typeof alertComparisons)[number];

/** A rule of one's own: one field against one value. */
export interface OwnAlertRule {
  /** `own:` and the name in the fleet file. */
  readonly name: string;
  readonly field: AlertFieldName;
  readonly comparison: AlertComparison;
  /** In the field's unit; `true` and `false` for a flag. */
  readonly value: number | string | boolean;
  /** For how long it holds before it fires. */
  readonly forSeconds: number;
  /** Above or below by so much less, it still holds while it fires. */
  readonly hysteresis: number;
  readonly severity: AlertSeverity;
  readonly scope: AlertScope | null;
  /** What it means and what to do, in the words of whoever wrote it; null: they wrote none. */
  readonly text: string | null;
}

export const ownRulePrefix = 'own:';

/** What the fleet file says of alerts. */
export interface AlertRulesConfig {
  readonly rules: ReadonlyMap<string, AlertRuleSettings>;
  readonly own: readonly OwnAlertRule[];
}

export const noAlertRules: AlertRulesConfig = { rules: new Map(), own: [] };
