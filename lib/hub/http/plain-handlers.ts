import type { AgentFiles } from '../install/agent-files.ts';
import { handleAgentFile, handleInstallScript } from './agent-files.ts';
import type { Handler } from './call.ts';
import { handleCapture } from './captures.ts';
import { handleHealth, handleReady } from './health.ts';
import { handleLogin, handleLogout } from './login.ts';
import { handleHubMetrics, handleMetrics } from './metrics.ts';
import { handleOidcCallback, handleOidcStart } from './oidc.ts';
import { handleEnroll, handlePush } from './push.ts';
import { handleInvitation, handlePasswordLogin } from './sign-in-forms.ts';
import { handleStream } from './stream.ts';

export interface PlainRoute {
  /** Exact, or with a closing slash: everything below it. */
  readonly path: string;
  /** Only these; others go to the pages. Left out: whatever is sent. */
  readonly methods?: readonly string[];
  readonly handle: Handler;
}

/** Everything that does not go through Next, because it is frequent, large, or must work without the pages. */
export const plainRoutes = (files: AgentFiles): readonly PlainRoute[] => [
  { path: '/api/v1/push', handle: handlePush },
  { path: '/api/v1/enroll', handle: handleEnroll },
  { path: '/api/v1/stream', handle: handleStream },
  { path: '/api/v1/captures/', handle: handleCapture },
  { path: '/metrics', handle: handleMetrics },
  { path: '/metrics/hub', handle: handleHubMetrics },
  { path: '/healthz', handle: handleHealth },
  { path: '/readyz', handle: handleReady },
  { path: '/install.sh', handle: handleInstallScript(files) },
  { path: '/agent/', handle: handleAgentFile(files) },
  { path: '/login', methods: ['POST'], handle: handlePasswordLogin },
  { path: '/login/oidc', handle: handleOidcStart },
  { path: '/login/oidc/callback', handle: handleOidcCallback },
  { path: '/login/', handle: handleLogin },
  { path: '/invite/', methods: ['POST'], handle: handleInvitation },
  { path: '/logout', handle: handleLogout },
];

const isAt = ({ path }: PlainRoute, pathname: string): boolean =>
  path.endsWith('/') ? pathname.startsWith(path) && pathname.length > path.length : pathname === path;

export function findPlainRoute(
  routes: readonly PlainRoute[],
  { method = '', pathname }: { readonly method: string | undefined; readonly pathname: string },
): Handler | null {
  const takes = ({ methods }: PlainRoute) => methods === undefined || methods.includes(method);
  return routes.find((route) => isAt(route, pathname) && takes(route))?.handle ?? null;
}
