import type { PlayerSettings } from './control.ts';
import type { GpuSlot } from './identity.ts';
import { settledMemory } from './memory.ts';
import { hash01, type Load, loadAt } from './motion.ts';
import { leadingNumber, type PlayedProcess } from './template.ts';

export interface Moved {
  /** Texts by path that moved. */
  readonly texts: ReadonlyMap<string, string>;
  readonly processes: readonly PlayedProcess[];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Reads recorded numbers and writes moved ones; only where the recording has a number, so N/A stays N/A. */
interface Pen {
  number(path: string): number | null;
  write(path: string, value: number, form: { unit: string; decimals?: number }): void;
  word(path: string, from: RegExp, text: string): void;
}

function penFor(slot: GpuSlot, texts: Map<string, string>): Pen {
  const number = (path: string): number | null => leadingNumber(slot.template.byPath.get(path)?.text);
  return {
    number,
    write: (path, value, { unit, decimals = 0 }) => {
      if (number(path) !== null) texts.set(path, `${value.toFixed(decimals)} ${unit}`);
    },
    word: (path, from, text) => {
      const recorded = slot.template.byPath.get(path)?.text;
      if (recorded !== undefined && from.test(recorded)) texts.set(path, text);
    },
  };
}

function moveUtilization(pen: Pen, load: Load): void {
  const percent = Math.round(load.utilization * 100);
  pen.write('utilization/gpu_util', percent, { unit: '%' });
  pen.write('utilization/memory_util', Math.round(percent * 0.55), { unit: '%' });
  if (percent > 0) {
    pen.write('pci/tx_util', Math.round(load.utilization * 1_900_000 + 400), { unit: 'KB/s' });
    pen.write('pci/rx_util', Math.round(load.utilization * 2_600_000 + 500), { unit: 'KB/s' });
  }
}

const drawPlaces = [
  ['gpu_power_readings', ['power_draw', 'average_power_draw'], 'current_power_limit'],
  ['power_readings', ['power_draw'], 'enforced_power_limit'],
] as const;

/** Returns the share of the power limit that is drawn. */
function movePower(pen: Pen, load: Load): number {
  let share = 0;
  for (const [group, draws, limitName] of drawPlaces) {
    const recorded = [...draws, 'instant_power_draw'].map((name) => pen.number(`${group}/${name}`));
    const first = recorded.find((value) => value !== null) ?? null;
    if (first === null) continue;
    const limit = pen.number(`${group}/${limitName}`) ?? first * 2;
    const idle = Math.min(first, 0.16 * limit);
    const draw = idle + (0.96 * limit - idle) * load.warmth ** 0.9;
    const average = clamp(draw * (1 + 0.004 * load.noise), 0, limit);
    for (const name of draws) pen.write(`${group}/${name}`, average, { unit: 'W', decimals: 2 });
    const instant = clamp(draw * (1 + 0.02 * load.noise), 0, limit * 1.02);
    pen.write(`${group}/instant_power_draw`, instant, { unit: 'W', decimals: 2 });
    share = average / limit;
  }
  return share;
}

function moveTemperature(pen: Pen, load: Load, offset: number): void {
  const recorded = pen.number('temperature/gpu_temp');
  if (recorded === null) return;
  const slow = pen.number('temperature/gpu_temp_slow_threshold') ?? 88;
  const idle = Math.min(recorded, 38) + offset;
  const celsius = Math.round(idle + (slow - 12 - idle) * 0.85 * load.warmth + 0.4 * load.noise);
  pen.write('temperature/gpu_temp', celsius, { unit: 'C' });
  pen.write('temperature/memory_temp', celsius + 6, { unit: 'C' });
  const margin = pen.number('temperature/gpu_temp_tlimit');
  if (margin !== null) pen.write('temperature/gpu_temp_tlimit', recorded + margin - celsius, { unit: 'C' });
  pen.write('fan_speed', clamp(Math.round(30 + (celsius - 38) * 1.15), 0, 100), { unit: '%' });
}

function moveClocks(pen: Pen, load: Load, share: number): void {
  const active = load.utilization > 0.005;
  const reason = (name: string, isActive: boolean): void => {
    const word = isActive ? 'Active' : 'Not Active';
    pen.word(`clocks_event_reasons/clocks_event_reason_${name}`, /Active$/, word);
    pen.word(`clocks_throttle_reasons/clocks_throttle_reason_${name}`, /Active$/, word);
  };
  reason('gpu_idle', !active);
  reason('sw_power_cap', share > 0.93);
  if (!active) return;
  for (const [clock, maximum] of [
    ['graphics_clock', 'graphics_clock'],
    ['sm_clock', 'graphics_clock'],
    ['video_clock', 'video_clock'],
  ] as const) {
    const top = pen.number(`max_clocks/${maximum}`);
    if (top === null) continue;
    const megahertz = Math.round((top * (1 - 0.16 * Math.max(0, share - 0.45))) / 15) * 15;
    pen.write(`clocks/${clock}`, Math.min(top, megahertz), { unit: 'MHz' });
  }
  const memory = pen.number('max_clocks/mem_clock');
  if (memory !== null) pen.write('clocks/mem_clock', memory, { unit: 'MHz' });
  for (const path of ['performance_state', 'gpu_power_readings/power_state', 'power_readings/power_state'])
    pen.word(path, /^P([5-9]|1\d)$/, 'P0');
}

const isCompute = (process: PlayedProcess): boolean => process.type.includes('C');

function movedProcesses(slot: GpuSlot, settings: PlayerSettings, load: Load): readonly PlayedProcess[] {
  if (settings.processes !== null) return settings.processes.filter((process) => process.gpu === slot.index);
  const compute = slot.template.processes.filter(isCompute);
  const share = Math.round((load.utilization * 100) / Math.max(1, compute.length));
  const isMig = slot.template.migDevices.length > 0;
  return slot.template.processes.map((process) =>
    isCompute(process)
      ? {
          ...process,
          usedMemoryMiB:
            process.usedMemoryMiB === null
              ? null
              : Math.round(process.usedMemoryMiB * (1 + 0.06 * load.swing)),
          smPercent: isMig ? null : share,
        }
      : process,
  );
}

function moveMemory(slot: GpuSlot, processes: readonly PlayedProcess[], texts: Map<string, string>): void {
  const memory = settledMemory(slot.template.element, slot.template.processes, processes);
  const used = slot.template.byPath.get('fb_memory_usage/used');
  if (memory.usedMiB === null || leadingNumber(used?.text) === memory.usedMiB) return;
  texts.set('fb_memory_usage/used', `${memory.usedMiB} MiB`);
  texts.set('fb_memory_usage/free', `${memory.freeMiB} MiB`);
}

/** What a GPU's moving numbers are at a moment, Unix seconds; without motion only what the processes change. */
export function movedTexts(slot: GpuSlot, settings: PlayerSettings, seconds: number): Moved {
  const texts = new Map<string, string>();
  const seed = `${settings.seed}/${settings.identity ?? ''}/${slot.index}`;
  const still: Load = { utilization: 0, warmth: 0, swing: 0, noise: 0 };
  if (settings.motion === false) {
    const processes =
      settings.processes === null ? slot.template.processes : movedProcesses(slot, settings, still);
    moveMemory(slot, processes, texts);
    return { texts, processes };
  }
  const played = settings.processes?.filter((process) => process.gpu === slot.index);
  const busy = (played ?? slot.template.processes).some(isCompute);
  const recordedLoad = leadingNumber(slot.template.byPath.get('utilization/gpu_util')?.text) ?? 0;
  const mean = settings.motion === true ? null : settings.motion.load;
  const active = mean === null ? busy || recordedLoad > 0 : mean > 0;
  const load = loadAt({ seed, mean, active }, seconds);
  const pen = penFor(slot, texts);
  moveUtilization(pen, load);
  const share = movePower(pen, load);
  moveTemperature(pen, load, Math.round(4 * hash01(seed, 'place in the airflow')));
  moveClocks(pen, load, share);
  const processes = movedProcesses(slot, settings, load);
  moveMemory(slot, processes, texts);
  return { texts, processes };
}
