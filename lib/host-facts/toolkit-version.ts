const line =
  /^NVIDIA Container (?:Toolkit CLI|Toolkit|Runtime|Runtime Hook)(?: version)?:?\s+v?(\d+\.\d+\.\d+(?:[-~.+][0-9A-Za-z.]+)?)\s*$/im;

/** Reads what `nvidia-ctk --version` (or nvidia-container-runtime's) printed; null when it names no version. */
export function parseToolkitVersion(text: string): string | null {
  return line.exec(text.slice(0, 4096))?.[1] ?? null;
}
