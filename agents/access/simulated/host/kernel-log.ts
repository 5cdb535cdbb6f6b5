import type { Step } from '../player/perform.ts';
import type { Stage } from '../player/scene.ts';

/** How often a running log looks whether something befell the host. */
const lookMilliseconds = 500;

const unknownProcess = "pid='<unknown>', name=<unknown>, ";

/** What the driver says after the number, for those that are played most. */
const texts: ReadonlyMap<number, string> = new Map([
  [13, 'pid=20540, name=python, Graphics SM Warp Exception on (GPC 9, TPC 1, SM 1): Out Of Range Address'],
  [
    31,
    'pid=20540, name=python, Ch 00000010, intr 00000000. MMU Fault: ENGINE GRAPHICS GPC0 GPCCLIENT_T1_0 faulted',
  ],
  [43, 'pid=20540, name=python, Ch 00000008'],
  [
    48,
    `${unknownProcess}An uncorrectable double bit error (DBE) has been detected on GPU in the framebuffer`,
  ],
  [63, `${unknownProcess}Row Remapper: New row marked for remapping, reset gpu to activate.`],
  [64, `${unknownProcess}Row Remapper: Error recording row remap`],
  [74, `${unknownProcess}NVLink: fatal error detected on link 4`],
  [79, `${unknownProcess}GPU has fallen off the bus.`],
  [94, 'pid=20540, name=python, Contained: SM (0x1). RST: No, D-RST: No'],
  [95, `${unknownProcess}Uncontained: FBHUB. RST: Yes, D-RST: No`],
  [119, `${unknownProcess}Timeout after 6s of waiting for RPC response from GPU GSP! Expected function 76`],
  [149, 'NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6 0x00000000 0x00000000 0x00000000)'],
]);

interface Told {
  readonly xid: number;
  readonly gpu: number;
}

/** A GPU that is lost says so as Xid 79. */
function toldOf({ settings: { fault } }: Stage): Told | null {
  if (fault?.kind === 'xid') return { xid: fault.xid, gpu: fault.gpu ?? 0 };
  return fault?.kind === 'gpu-lost' ? { xid: 79, gpu: fault.gpu } : null;
}

/** `0000:3b:00` of `00000000:3B:00.0`, as the driver writes it. */
function kernelAddress(stage: Stage, gpu: number): string {
  const slot = stage.slots[gpu];
  const printed = slot?.own.get('pci/pci_bus_id') ?? slot?.template.byPath.get('pci/pci_bus_id')?.text;
  return (printed ?? '00000000:00:00.0')
    .toLowerCase()
    .replace(/^0000(?=[0-9a-f]{4}:)/, '')
    .replace(/\.\d$/, '');
}

/** `cat /dev/kmsg` of a played host: what its faults print, at the time when they befall it. */
export function* kernelLogSteps(
  look: () => Stage,
  bootMillis: number,
  now: () => number,
): Generator<Step, void, void> {
  let sequence = 0;
  const line = (message: string, micros: number): Step => {
    sequence += 1;
    return { kind: 'write', text: `4,${sequence},${Math.max(1, Math.round(micros))},-;${message}\n` };
  };
  const micros = (): number => (now() - bootMillis) * 1000;
  const version = look().template.driverVersion ?? '0.0';
  yield line(`NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  ${version}  Release Build`, 9_000_000);
  let printed = '';
  while (true) {
    const stage = look();
    const told = toldOf(stage);
    const key = JSON.stringify(told);
    if (told !== null && key !== printed) {
      const address = kernelAddress(stage, told.gpu);
      const text = texts.get(told.xid) ?? `${unknownProcess}Ch 00000008`;
      yield line(`NVRM: Xid (PCI:${address}): ${told.xid}, ${text}`, micros());
    }
    printed = key;
    yield { kind: 'wait', milliseconds: lookMilliseconds };
  }
}
