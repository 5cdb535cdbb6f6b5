/** What /sys/bus/pci/devices/ADDRESS/uevent says of a device. */
export interface PciDevice {
  /** Six hexadecimal digits in lower case: `030200`. */
  readonly classCode: string;
  /** Four hexadecimal digits in lower case. */
  readonly vendorId: string;
  readonly deviceId: string;
  readonly driver: string | null;
}

const nvidiaVendor = '10de';
/** VGA controller and 3D controller. */
const gpuClasses = /^030[02]/;
/** Drivers that hold a device for a virtual machine. */
const passThroughDrivers = /vfio|^pci-stub$|^(xen-)?pciback$/;

/** Reads a uevent file; null when it is none of a PCI device. Never throws. */
export function parsePciDevice(uevent: string): PciDevice | null {
  const lines = new Map(
    uevent
      .slice(0, 4096)
      .split('\n')
      .map((line): [string, string] => {
        const at = line.indexOf('=');
        return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trim()];
      }),
  );
  const classCode = lines.get('PCI_CLASS') ?? '';
  const id = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(lines.get('PCI_ID') ?? '');
  const [, vendorId, deviceId] = id ?? [];
  if (!/^[0-9a-f]{1,6}$/i.test(classCode) || vendorId === undefined || deviceId === undefined) return null;
  return {
    // The kernel leaves out leading zeros.
    classCode: classCode.toLowerCase().padStart(6, '0'),
    vendorId: vendorId.toLowerCase(),
    deviceId: deviceId.toLowerCase(),
    driver: lines.get('DRIVER')?.slice(0, 64) || null,
  };
}

export const isNvidiaGpu = ({ classCode, vendorId }: PciDevice): boolean =>
  vendorId === nvidiaVendor && gpuClasses.test(classCode);

export const isPassedThrough = ({ driver }: PciDevice): boolean =>
  driver !== null && passThroughDrivers.test(driver);
