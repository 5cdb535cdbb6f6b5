/** What /proc/driver/nvidia/version says of the loaded kernel module; null where it says nothing. */
export interface DriverVersion {
  readonly version: string | null;
  readonly flavour: 'open' | 'proprietary' | null;
}

const moduleLine =
  /^NVRM version:[^\n]*?(Open )?Kernel Module\b[^\n]*?\s(\d{2,4}(?:\.\d{1,4}){1,3})(?:\s|$)/m;

/** Reads /proc/driver/nvidia/version. Never throws. */
export function parseDriverVersion(text: string): DriverVersion {
  const match = moduleLine.exec(text.slice(0, 4096));
  if (match === null) return { version: null, flavour: null };
  return { version: match[2] ?? null, flavour: match[1] === undefined ? 'proprietary' : 'open' };
}
