import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ControlInput } from './control.ts';

export interface InstalledPlayer {
  /** An executable to pass as `--nvidia-smi`, or whose folder goes first on PATH. */
  readonly nvidiaSmi: string;
  /** Its control file. */
  readonly control: string;
  /** Replaces the control file in one step; running streams follow at their next sample. */
  update(control: ControlInput): Promise<void>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Writes `nvidia-smi` and its control file into a folder. The wrapper starts the Node that runs now, so it works
 * whatever `node` is on the PATH. Paths inside the control file are relative to the folder.
 */
export async function writePlayer(folder: string, control: ControlInput): Promise<InstalledPlayer> {
  await mkdir(folder, { recursive: true });
  const controlPath = join(folder, 'player.json');
  const nvidiaSmi = join(folder, 'nvidia-smi');
  const program = fileURLToPath(new URL('../../../../bin/nvidia-smi-player.js', import.meta.url));
  let updates = 0;
  const update = async (next: ControlInput): Promise<void> => {
    updates += 1;
    const draft = `${controlPath}.${process.pid}.${updates}`;
    await writeFile(draft, `${JSON.stringify(next, null, 2)}\n`);
    await rename(draft, controlPath);
  };
  await update(control);
  const words = [process.execPath, program, '--player', controlPath].map(quoted).join(' ');
  await writeFile(nvidiaSmi, `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(nvidiaSmi, 0o755);
  return { nvidiaSmi, control: controlPath, update };
}
