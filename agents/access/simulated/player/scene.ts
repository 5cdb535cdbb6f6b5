import type { Fault, PlayerSettings } from './control.ts';
import { ControlError } from './control.ts';
import { findField, type QueryField } from './fields.ts';
import { type GpuSlot, slotsOf, uuidFrom } from './identity.ts';
import { settledMemory } from './memory.ts';
import { movedTexts } from './moving.ts';
import { leadingNumber, type PlayedProcess, type Template, type TemplateMigDevice } from './template.ts';
import type { XmlElement } from './tree.ts';

export interface MigScene {
  readonly device: TemplateMigDevice;
  readonly profile: string;
  /** Null: the recording does not tell it. */
  readonly uuid: string | null;
  readonly usedMiB: number | null;
  readonly freeMiB: number | null;
}

/** One GPU at one moment. */
export interface GpuScene {
  readonly scene: Scene;
  readonly index: number;
  readonly slot: GpuSlot;
  readonly lost: boolean;
  /** The XML's text at a path below the GPU at this moment; null where the document has no such element. */
  text(path: string): string | null;
  /** What differs from the recorded document. */
  readonly overlay: ReadonlyMap<string, string>;
  readonly processes: readonly PlayedProcess[];
  readonly migDevices: readonly MigScene[];
}

/** A host at one moment: the one source of all forms, so that XML and CSV agree. */
export interface Scene {
  readonly template: Template;
  readonly now: Date;
  /** `2026/11/23 10:00:00.000`, the host's local time. */
  readonly csvTimestamp: string;
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly fault: Fault | null;
  readonly gpus: readonly GpuScene[];
}

/** A template with its settings worked out once: settings stay for many moments. */
export interface Stage {
  readonly template: Template;
  readonly settings: PlayerSettings;
  readonly slots: readonly GpuSlot[];
  /** By GPU index: path to text. */
  readonly set: ReadonlyMap<number, ReadonlyMap<string, string>>;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** As nvidia-smi's CSV prints it. */
export function csvTimestamp(now: Date): string {
  const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return `${day} ${time}.${String(now.getMilliseconds()).padStart(3, '0')}`;
}

function writtenValue(field: QueryField, value: number | string | null): string {
  if (value === null) return 'N/A';
  if (typeof value === 'string') return value;
  const { unit, decimals } = field.written;
  return `${field.form === 'number' || field.form === 'bare-number' ? value.toFixed(decimals) : value}${unit}`;
}

function setTexts(slot: GpuSlot, values: Record<string, number | string | null>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    const field = findField(name, 0);
    if (field === null || field.paths.length === 0)
      throw new ControlError(`set.${slot.index}.${name}: is no field that can be set`);
    const there = field.paths.filter((path) => slot.template.byPath.has(path));
    const telling = there.filter((path) => slot.template.byPath.get(path)?.text !== 'N/A');
    const chosen = telling.length > 0 ? telling : there.slice(0, 1);
    if (chosen.length === 0)
      throw new ControlError(`set.${slot.index}.${name}: the recorded driver does not print it`);
    for (const path of chosen) texts.set(path, writtenValue(field, value));
  }
  return texts;
}

/** Throws ControlError where the settings do not fit the template: a GPU or field that it does not have. */
export function createStage(template: Template, settings: PlayerSettings): Stage {
  const slots = slotsOf(template.gpus, settings.gpuCount, settings.identity);
  const set = new Map<number, ReadonlyMap<string, string>>();
  const known = (index: number, what: string): GpuSlot => {
    const slot = slots[index];
    if (slot === undefined) throw new ControlError(`${what}: there is no GPU ${index}, only ${slots.length}`);
    return slot;
  };
  for (const [index, values] of Object.entries(settings.set))
    set.set(Number(index), setTexts(known(Number(index), 'set'), values));
  for (const process of settings.processes ?? []) known(process.gpu, 'processes');
  const { fault } = settings;
  if (fault !== null && 'gpu' in fault) known(fault.gpu, 'fault');
  return { template, settings, slots, set };
}

const profileWords = (device: TemplateMigDevice): { smCount: number | null; totalMiB: number | null } => {
  const at = (path: readonly string[]): string | undefined => {
    let element: XmlElement | undefined = device.element;
    for (const name of path) element = element?.children.find((child) => child.name === name);
    return element?.text;
  };
  return {
    smCount: leadingNumber(at(['device_attributes', 'shared', 'multiprocessor_count'])),
    totalMiB: leadingNumber(at(['fb_memory_usage', 'total'])),
  };
};

const smPerSlice: Readonly<Record<string, number>> = { Ampere: 14, Hopper: 16, Blackwell: 18 };

/** `1g.10gb` from multiprocessors and memory, where no `-L` tells it. */
function derivedProfile(device: TemplateMigDevice, architecture: string | null): string {
  const { smCount, totalMiB } = profileWords(device);
  const slices = Math.max(1, Math.round((smCount ?? 0) / (smPerSlice[architecture ?? ''] ?? 16)));
  const gigabytes = totalMiB === null ? 0 : Math.ceil(totalMiB / 1024 / 5 - 0.2) * 5;
  return `${slices}g.${gigabytes}gb`;
}

function migScenes(stage: Stage, slot: GpuSlot, processes: readonly PlayedProcess[]): MigScene[] {
  const architecture = slot.template.byPath.get('product_architecture')?.text ?? null;
  const recordedGpu = stage.template.gpus.indexOf(slot.template);
  return slot.template.migDevices.map((device) => {
    const named = stage.template.migNames.get(`${recordedGpu}/${device.index}`);
    const fresh = slot.migSeed === null ? null : `MIG-${uuidFrom(`${slot.migSeed}/mig/${device.index}`)}`;
    const inDevice = (process: PlayedProcess): boolean => process.gpuInstanceId === device.gpuInstanceId;
    const memory = settledMemory(
      device.element,
      slot.template.processes.filter(inDevice),
      processes.filter(inDevice),
    );
    return {
      device,
      profile: named?.profile ?? derivedProfile(device, architecture),
      uuid: fresh ?? named?.uuid ?? null,
      ...memory,
    };
  });
}

const keepsWhenLost =
  /^(product_|uuid$|serial$|minor_number$|pci\/pci_|board_|gpu_part_number$|vbios_version$|pdi$)/;
const lostText = 'GPU is lost';

function lostTexts(slot: GpuSlot): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [path, element] of slot.template.byPath) {
    if (element.children.length > 0 || keepsWhenLost.test(path)) continue;
    if (
      element.text !== 'N/A' &&
      !/^(processes|accounted_processes|mig_devices|supported_clocks)$/.test(path)
    )
      texts.set(path, lostText);
  }
  return texts;
}

function gpuScene(stage: Stage, slot: GpuSlot, scene: Scene): GpuScene {
  const { settings } = stage;
  const fault = settings.fault;
  const lost = fault?.kind === 'gpu-lost' && fault.gpu === slot.index;
  const set = stage.set.get(slot.index) ?? new Map<string, string>();
  const moved = movedTexts(slot, settings, scene.now.getTime() / 1000);
  const overlay = new Map<string, string>([...slot.own, ...moved.texts]);
  for (const [path, text] of set) overlay.set(path, text);
  if (set.has('fb_memory_usage/used') && !set.has('fb_memory_usage/free')) {
    const read = (path: string): number | null =>
      leadingNumber(overlay.get(path) ?? slot.template.byPath.get(path)?.text);
    const total = read('fb_memory_usage/total');
    const used = read('fb_memory_usage/used');
    if (total !== null && used !== null)
      overlay.set(
        'fb_memory_usage/free',
        `${Math.max(0, total - (read('fb_memory_usage/reserved') ?? 0) - used)} MiB`,
      );
  }
  if (fault?.kind === 'driver-replaced' && slot.template.byPath.get('gsp_firmware_version')?.text !== 'N/A')
    overlay.set('gsp_firmware_version', fault.driverVersion);
  if (lost) for (const [path, text] of lostTexts(slot)) overlay.set(path, text);
  return {
    scene,
    index: slot.index,
    slot,
    lost,
    overlay,
    processes: lost ? [] : moved.processes,
    migDevices: migScenes(stage, slot, moved.processes),
    text: (path) => {
      const element = slot.template.byPath.get(path);
      return element === undefined ? null : (overlay.get(path) ?? element.text);
    },
  };
}

/** The host at a moment; the same stage and moment give the same scene. */
export function composeScene(stage: Stage, now: Date): Scene {
  const { template, settings } = stage;
  const replaced = settings.fault?.kind === 'driver-replaced' ? settings.fault : null;
  const gpus: GpuScene[] = [];
  const scene: Scene = {
    template,
    now,
    csvTimestamp: csvTimestamp(now),
    driverVersion: replaced?.driverVersion ?? template.driverVersion,
    cudaVersion: replaced?.cudaVersion ?? template.cudaVersion,
    fault: settings.fault,
    gpus,
  };
  const missing = settings.fault?.kind === 'gpu-missing' ? settings.fault.gpu : null;
  for (const slot of stage.slots) if (slot.index !== missing) gpus.push(gpuScene(stage, slot, scene));
  return scene;
}
