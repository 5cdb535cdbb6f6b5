import { kernelBusId } from '../../../../lib/model/index.ts';
import type { Stage } from '../player/scene.ts';

const made = new WeakMap<Stage, ReadonlyMap<string, string>>();

/** What the kernel tells of the played GPUs on its PCI bus: they stay there whatever nvidia-smi says. */
export function pciFiles(stage: Stage): ReadonlyMap<string, string> {
  const known = made.get(stage);
  if (known !== undefined) return known;
  // A host without a GPU has none on its bus either.
  const slots = stage.settings.fault?.kind === 'no-devices' ? [] : stage.slots;
  const isBound = stage.settings.fault?.kind !== 'driver-not-loaded';
  const files = new Map<string, string>();
  for (const slot of slots) {
    const text = (path: string): string | null =>
      slot.own.get(path) ?? slot.template.byPath.get(path)?.text ?? null;
    const printed = text('pci/pci_bus_id');
    if (printed === null || !/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.\d$/i.test(printed)) continue;
    const busId = kernelBusId(printed);
    // Printed as device and vendor in one: 0x233010DE.
    const deviceId = /^(?:0x)?([0-9a-f]{4})10DE$/i.exec(text('pci/pci_device_id') ?? '')?.[1] ?? '2330';
    const folder = `/sys/bus/pci/devices/${busId}`;
    files.set(
      `${folder}/uevent`,
      `${isBound ? 'DRIVER=nvidia\n' : ''}PCI_CLASS=30200\nPCI_ID=10DE:${deviceId.toUpperCase()}\nPCI_SLOT_NAME=${busId}\n`,
    );
    files.set(`${folder}/power/control`, `${stage.settings.powerControl}\n`);
    files.set(`${folder}/power/runtime_status`, `${stage.settings.asleep ? 'suspended' : 'active'}\n`);
    if (isBound) files.set(`/proc/driver/nvidia/gpus/${busId}/information`, `Bus Location: \t ${busId}\n`);
  }
  made.set(stage, files);
  return files;
}
