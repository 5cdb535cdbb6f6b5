import { type InjectionHost, parseToolkitConfig } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { type Clock, systemClock } from '../clock.ts';

const path = '/etc/nvidia-container-runtime/config.toml';
const limits = { maxBytes: 256 * 1024, deadlineSeconds: 1 };
const oldAfterSeconds = 60;

export type ToolkitMode = Pick<InjectionHost, 'toolkitMode' | 'isModeKnown'>;

/** How the toolkit's runtime injects, from its settings, read anew at most once a minute and only when asked. */
export function createToolkitMode(
  access: HostAccess,
  clock: Clock = systemClock,
): () => Promise<ToolkitMode> {
  let last: { readonly atSeconds: number; readonly mode: ToolkitMode } | null = null;
  return async () => {
    const atSeconds = clock.monotonicSeconds();
    if (last !== null && atSeconds - last.atSeconds < oldAfterSeconds) return last.mode;
    const file = await access.readFile(path, limits);
    const mode: ToolkitMode =
      file.outcome === 'read'
        ? { toolkitMode: parseToolkitConfig(file.text).mode, isModeKnown: true }
        : { toolkitMode: null, isModeKnown: file.outcome === 'absent' };
    last = { atSeconds, mode };
    return mode;
  };
}
