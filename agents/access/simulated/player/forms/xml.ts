import type { GpuScene, Scene } from '../scene.ts';
import type { PlayedProcess } from '../template.ts';
import { leaf, type Overlay, writeElement, type XmlElement } from '../tree.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** As ctime(3): `Fri Aug  7 08:54:01 2026`. */
export function longTimestamp(now: Date): string {
  const date = `${weekdays[now.getDay()]} ${months[now.getMonth()]} ${String(now.getDate()).padStart(2, ' ')}`;
  return `${date} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())} ${now.getFullYear()}`;
}

const orNone = (value: number | null): string => (value === null ? 'N/A' : String(value));

function processElement(process: PlayedProcess, withInstances: boolean): XmlElement {
  const instances = withInstances
    ? [
        leaf('gpu_instance_id', orNone(process.gpuInstanceId)),
        leaf('compute_instance_id', orNone(process.computeInstanceId)),
      ]
    : [];
  const memory = process.usedMemoryMiB === null ? 'N/A' : `${process.usedMemoryMiB} MiB`;
  return {
    name: 'process_info',
    attributes: {},
    text: '',
    children: [
      ...instances,
      leaf('pid', String(process.pid)),
      leaf('type', process.type),
      leaf('process_name', process.name),
      leaf('used_memory', memory),
    ],
  };
}

interface Changes {
  readonly text: Map<XmlElement, string>;
  readonly children: Map<XmlElement, readonly XmlElement[]>;
}

function migChanges(gpu: GpuScene, changes: Changes): void {
  for (const mig of gpu.migDevices) {
    const memory = mig.device.element.children.find((child) => child.name === 'fb_memory_usage');
    for (const child of memory?.children ?? []) {
      if (child.name === 'used' && mig.usedMiB !== null) changes.text.set(child, `${mig.usedMiB} MiB`);
      if (child.name === 'free' && mig.freeMiB !== null) changes.text.set(child, `${mig.freeMiB} MiB`);
    }
  }
}

function gpuChanges(gpu: GpuScene): Overlay {
  const { byPath, element } = gpu.slot.template;
  const changes: Changes = { text: new Map(), children: new Map() };
  for (const [path, text] of gpu.overlay) {
    const target = byPath.get(path);
    if (target !== undefined) changes.text.set(target, text);
  }
  const processes = element.children.find((child) => child.name === 'processes');
  // "N/A" in place of a list stays, unless there are processes to list.
  if (processes !== undefined && (processes.text === '' || gpu.processes.length > 0)) {
    const withInstances = gpu.scene.template.branch >= 450;
    changes.text.delete(processes);
    changes.children.set(
      processes,
      gpu.processes.map((process) => processElement(process, withInstances)),
    );
  }
  migChanges(gpu, changes);
  return changes;
}

function writeGpu(gpu: GpuScene, lines: string[]): void {
  const { element } = gpu.slot.template;
  const busId = gpu.overlay.get('pci/pci_bus_id');
  const own =
    busId === undefined ? element : { ...element, attributes: { ...element.attributes, id: busId } };
  writeElement(own, gpuChanges(gpu), { lines, indent: '\t' });
}

const headTexts = (scene: Scene): Readonly<Record<string, string>> => {
  const { template, fault } = scene;
  const replaced = (name: string, version: string | null): string =>
    (template.heads.get(name)?.text ?? '').replace(/^\d[\d.]*/, version ?? '');
  return {
    timestamp: longTimestamp(scene.now),
    attached_gpus: String(scene.gpus.length),
    ...(fault?.kind === 'driver-replaced'
      ? {
          driver_version: replaced('driver_version', scene.driverVersion),
          kmd_version: replaced('kmd_version', scene.driverVersion),
          cuda_version: replaced('cuda_version', scene.cudaVersion),
          cuda_umd_version: replaced('cuda_umd_version', scene.cudaVersion),
        }
      : {}),
  };
};

/** `nvidia-smi -q -x`. */
export function xmlText(scene: Scene, gpus: readonly GpuScene[] = scene.gpus): string {
  const { document } = scene.template;
  const heads = headTexts(scene);
  const lines: string[] = [`<${document.root.name}>`];
  for (const child of document.root.children) {
    if (child.name === 'gpu') continue;
    const text = heads[child.name];
    const changed = text === undefined ? new Map<XmlElement, string>() : new Map([[child, text]]);
    writeElement(child, { text: changed, children: new Map() }, { lines, indent: '\t' });
  }
  for (const gpu of gpus) {
    writeGpu(gpu, lines);
    lines.push('');
  }
  lines.push(`</${document.root.name}>`, '');
  return document.prolog + lines.join('\n');
}
