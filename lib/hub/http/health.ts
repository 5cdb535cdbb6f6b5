import { HubError } from '../errors.ts';
import { type Call, requireMethod } from './call.ts';
import { sendJson } from './respond.ts';

/** GET /healthz: the process answers. Open to everyone; tells nothing else. */
export async function handleHealth(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD');
  sendJson(call.response, 200, { status: 'ok' });
}

/** GET /readyz: the stores answer, so a push would be taken. */
export async function handleReady(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD');
  try {
    await Promise.all([call.context.state.getSetting('ready'), call.context.history.stats()]);
  } catch (error) {
    throw new HubError('unavailable', 'A store does not answer.', { retryAfterSeconds: 5, cause: error });
  }
  sendJson(call.response, 200, { status: 'ready' });
}
