import type { AccessLevel, AgentCode } from '../../../lib/model/index.ts';
import { currentLaunch } from './launch.ts';
import { createUpgrader, type Upgrader, type UpgraderOptions } from './upgrader.ts';

export interface InstalledAgent {
  /** What each push tells of this agent's own code. */
  code(): AgentCode;
  readonly upgrader: Upgrader | null;
}

/** The upgrader of an agent that was installed to have one; others tell only what they are. */
export function openInstalled(
  access: AccessLevel | null,
  options: Omit<UpgraderOptions, 'launch'> | null,
): InstalledAgent {
  const launch = currentLaunch();
  const upgrader = launch === null || options === null ? null : createUpgrader({ launch, ...options });
  const none = { sha256: launch?.sha256 ?? null, canUpgrade: false, upgrade: null };
  return { code: () => ({ ...(upgrader?.state ?? none), access }), upgrader };
}
