const line =
  /^NVIDIA (?:Container (?:Toolkit CLI|Toolkit|Runtime|Runtime Hook)|CDI Hook)(?:\.\w{1,8})?(?: version)?:?\s+v?(\d+\.\d+\.\d+(?:[-~.+][0-9A-Za-z.]+)?)\s*$/im;

/** Reads what `nvidia-ctk --version` (or nvidia-container-runtime's) printed; null when it names no version. */
export function parseToolkitVersion(text: string): string | null {
  return line.exec(text.slice(0, 4096))?.[1] ?? null;
}

/** All that the toolkit's programs print of themselves with `--version`; null where it is not printed. */
export interface ToolkitPrograms {
  readonly version: string | null;
  readonly commit: string | null;
  /** Of the runtime that nvidia-container-runtime calls: `runc`. */
  readonly lowLevelRuntime: string | null;
  readonly lowLevelRuntimeVersion: string | null;
  /** OCI runtime specification. */
  readonly specVersion: string | null;
}

/** Reads the whole of it. Never throws. */
export function parseToolkitPrograms(text: string): ToolkitPrograms {
  const head = text.slice(0, 4096);
  const runtime = /^(runc|crun|youki) version:? (\S{1,64})/m.exec(head);
  return {
    version: parseToolkitVersion(head),
    commit: /^commit: ([0-9a-f]{7,40})\s*$/m.exec(head)?.[1] ?? null,
    lowLevelRuntime: runtime?.[1] ?? null,
    lowLevelRuntimeVersion: runtime?.[2] ?? null,
    specVersion: /^spec: (\S{1,64})\s*$/m.exec(head)?.[1] ?? null,
  };
}
