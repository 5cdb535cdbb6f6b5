import type { AgentFiles } from '../install/agent-files.ts';
import { handleAgentFile, handleInstallScript } from './agent-files.ts';
import type { Handler } from './call.ts';
import { handleHealth, handleReady } from './health.ts';
import { handleLogin, handleLogout } from './login.ts';
import { handleHubMetrics, handleMetrics } from './metrics.ts';
import { handleEnroll, handlePush } from './push.ts';
import { handleStream } from './stream.ts';

export interface PlainRoute {
  /** Exact, or with a closing slash: everything below it. */
  readonly path: string;
  readonly handle: Handler;
}

/** Everything that does not go through Next, because it is frequent, large, or must work without the pages. */
export const plainRoutes = (files: AgentFiles): readonly PlainRoute[] => [
  { path: '/api/v1/push', handle: handlePush },
  { path: '/api/v1/enroll', handle: handleEnroll },
  { path: '/api/v1/stream', handle: handleStream },
  { path: '/metrics', handle: handleMetrics },
  { path: '/metrics/hub', handle: handleHubMetrics },
  { path: '/healthz', handle: handleHealth },
  { path: '/readyz', handle: handleReady },
  { path: '/install.sh', handle: handleInstallScript(files) },
  { path: '/agent/', handle: handleAgentFile(files) },
  { path: '/login/', handle: handleLogin },
  { path: '/logout', handle: handleLogout },
];

export function findPlainRoute(routes: readonly PlainRoute[], pathname: string): Handler | null {
  const found = routes.find(({ path }) =>
    path.endsWith('/') ? pathname.startsWith(path) && pathname.length > path.length : pathname === path,
  );
  return found?.handle ?? null;
}
