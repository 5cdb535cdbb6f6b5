import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeToken } from '../../../lib/hub/operations/make-token.ts';
import { removeToken } from '../../../lib/hub/operations/remove-token.ts';
import { HubQuestionError, hubUrl, problemText, requestHub } from '../hub-request.ts';
import { type Opened, originOf, system, UsageError } from './beside-hub.ts';

/** Longer than the slowest step: a test of a host that says nothing. */
const deadlineSeconds = 120;
const tokenMillis = 10 * 60_000;

/** Asks the hub that runs on this data folder; rejects with HubQuestionError. An answer without a body is null. */
export type AskHub = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<T>;

/** The authority that the hub made for itself, where it did. */
function ownAuthority(dataFolder: string): string | null {
  const path = join(dataFolder, 'tls', 'ca.pem');
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/**
 * For what only the running hub can do. It is asked over its own API, with an administrator's token that is made in its
 * data folder for this command and removed after it.
 */
export async function withRunningHub<T>(opened: Opened, work: (ask: AskHub) => Promise<T>): Promise<T> {
  const { state, config, nowMillis } = opened;
  const store = { state, nowMillis };
  const name = `command ${randomBytes(6).toString('hex')}`;
  const origin = new URL(await originOf(opened));
  const ca = origin.protocol === 'https:' ? ownAuthority(config.dataFolder) : null;
  const expiresAt = new Date(nowMillis + tokenMillis).toISOString();
  const token = await makeToken(system, store, { kind: 'api', name, role: 'admin', expiresAt });
  try {
    return await work(async <A>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
      const url = hubUrl(origin, `api/v1/${path}`);
      const answer = await requestHub(url, { method, body, token, ca, deadlineSeconds });
      if (answer.status === 401)
        throw new UsageError(`${url.origin} is not the hub of ${config.dataFolder}; give --data`);
      if (answer.status >= 300)
        throw new HubQuestionError(
          problemText(answer.body) ?? `the hub answers with status ${answer.status}`,
          answer.status,
        );
      return (answer.body === '' ? null : JSON.parse(answer.body)) as A;
    });
  } finally {
    await removeToken(system, store, { name });
  }
}
