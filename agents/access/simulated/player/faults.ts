import type { Fault } from './control.ts';
import { hash01 } from './motion.ts';
import type { Scene } from './scene.ts';

/** What nvidia-smi prints and how it exits when the whole host fails. Failures go to stdout, as in the real one. */
export interface Failing {
  readonly text: string;
  readonly exitCode: number;
}

/** `NVML library version` of a mismatch: the new library, beside the old module. */
function upgradedNvml(scene: Scene, library: string | undefined): string {
  const [branch = '0', minor = '0'] = (library ?? scene.driverVersion ?? '0.0').split('.');
  // Where none is named: another than the module's, as after an upgrade.
  return library === undefined ? `${branch}.${Number(minor) + 13}` : `${branch}.${minor}`;
}

function garbage(scene: Scene): string {
  const bytes = Array.from({ length: 2048 }, (_, position) => {
    const value = Math.floor(hash01('garbage', scene.now.getTime(), position) * 256);
    return value % 61 === 0 ? '\n' : String.fromCodePoint(value);
  });
  return bytes.join('');
}

function otherVendor(scene: Scene): string {
  const rows = scene.gpus.map(
    (gpu) =>
      `${gpu.index}       [0x74a1 : 0x00]    41.0°C      139.0W    NPS1, SPX, 0        132Mhz  900Mhz  0%   auto  750.0W    0%     0%`,
  );
  return [
    '',
    '========================================= ROCm System Management Interface =========================================',
    '=================================================== Concise Info ===================================================',
    'Device  [Model : Revision]    Temp        Power     Partitions          SCLK    MCLK    Fan  Perf  PwrCap  VRAM%  GPU%',
    '====================================================================================================================',
    ...rows,
    '====================================================================================================================',
    '=============================================== End of ROCm SMI Log ================================================',
    '',
  ].join('\n');
}

function lostGpu(scene: Scene, index: number): string {
  const busId = scene.gpus[index]?.text('pci/pci_bus_id') ?? '00000000:00:00.0';
  const short = busId.replace(/^0000(?=[0-9A-Fa-f]{4}:)/, '');
  return `Unable to determine the device handle for GPU${short}: GPU is lost.  Reboot the system to recover this GPU\n`;
}

/** The end that a fault makes of any command, or null where the command goes on. */
export function failingOf(scene: Scene, fault: Fault | null): Failing | null {
  switch (fault?.kind) {
    case 'driver-not-loaded':
      return {
        text: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
        exitCode: 9,
      };
    case 'version-mismatch':
      return {
        text: `Failed to initialize NVML: Driver/library version mismatch\n${scene.template.branch >= 525 ? `NVML library version: ${upgradedNvml(scene, fault.driverVersion)}\n` : ''}`,
        exitCode: 18,
      };
    case 'no-devices':
      return { text: 'No devices were found\n', exitCode: 6 };
    case 'insufficient-permissions':
      return { text: 'Failed to initialize NVML: Insufficient Permissions\n', exitCode: 4 };
    case 'unknown-error':
      return { text: 'Failed to initialize NVML: Unknown Error\n', exitCode: 255 };
    case 'library-missing':
      return {
        text: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system. Please make sure that the NVIDIA Display Driver is properly installed and present in your system.\nPlease also try adding directory that contains libnvidia-ml.so to your system PATH.\n",
        exitCode: 12,
      };
    case 'other-vendor':
      return { text: otherVendor(scene), exitCode: 0 };
    case 'garbage':
      return { text: garbage(scene), exitCode: 0 };
    case 'gpu-lost':
      return fault.style === 'text' ? { text: lostGpu(scene, fault.gpu), exitCode: 15 } : null;
    default:
      return null;
  }
}
