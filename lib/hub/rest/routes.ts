import type { RestRoute } from './route.ts';
import { accountRoutes } from './routes/account.ts';
import { agentRoutes } from './routes/agents.ts';
import { alertsRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { captureRoutes } from './routes/captures.ts';
import { claimRoutes } from './routes/claims.ts';
import { compatRoutes } from './routes/compat.ts';
import { errorRoutes } from './routes/errors.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { labelRoutes } from './routes/labels.ts';
import { ownerRoutes } from './routes/owners.ts';
import { pauseRoutes } from './routes/pauses.ts';
import { peopleRoutes } from './routes/people.ts';
import { sshRoutes } from './routes/ssh.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { versionsRoutes } from './routes/versions.ts';

export type { RestRoute } from './route.ts';

/** The REST part of /api/v1: one table for the answers, the OpenAPI document and the tests. A file a subject. */
export const restRoutes: readonly RestRoute[] = [
  ...fleetRoutes,
  ...ownerRoutes,
  ...compatRoutes,
  ...captureRoutes,
  ...errorRoutes,
  ...labelRoutes,
  ...claimRoutes,
  ...pauseRoutes,
  ...peopleRoutes,
  ...accountRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...versionsRoutes,
  ...alertsRoutes,
  ...agentRoutes,
  ...sshRoutes,
];
