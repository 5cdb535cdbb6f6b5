const form = /^(?:PCI:)?(?:([0-9a-f]{1,8}):)?([0-9a-f]{2}):([0-9a-f]{2})(?:\.([0-7]))?$/i;

/**
 * A PCI address as nvidia-smi prints it, `00000000:3B:00.0`, from any of the forms that the kernel and its neighbours
 * use (`0000:3b:00`, `PCI:0000:3b:00.0`, `3b:00.0`); null when it is none.
 */
export function pciBusIdOf(text: string): string | null {
  const match = form.exec(text.length > 32 ? '' : text.trim());
  if (match === null) return null;
  const [, domain = '0', bus = '', device = '', func = '0'] = match;
  return `${domain.padStart(8, '0')}:${bus}:${device}.${func}`.toUpperCase();
}
