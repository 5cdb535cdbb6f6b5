import type { Duplex } from 'node:stream';
import type { HostAccess } from '../../access/host-access.ts';
import { startDeadline } from '../../deadline.ts';
import { exchange as exchangeOn, requestBytes } from '../../http/exchange.ts';
import { failed, failureOf } from '../failures.ts';
import type { FailedOutcome, Outcome } from '../source.ts';

const deadlineSeconds = 2;
const maxAnswerBytes = 8 * 1024 * 1024;

/** GET of the Docker Engine API over its socket. `absent`: no socket, or the engine says 404. Never rejects. */
export async function getJson(
  access: HostAccess,
  socketPath: string,
  path: string,
): Promise<Outcome<unknown>> {
  let socket: Duplex;
  try {
    socket = await access.connect(socketPath, { deadlineSeconds });
  } catch (error) {
    return connectFailure(socketPath, error as NodeJS.ErrnoException);
  }
  try {
    return await ask(socket, path);
  } finally {
    socket.destroy();
  }
}

/** Why there is no connection, told alike for every engine. */
export function connectFailure(socketPath: string, { code, message }: NodeJS.ErrnoException): Outcome<never> {
  if (code === 'ENOENT') return { state: 'absent', failure: null };
  if (code === 'EACCES') return failed('insufficient-permissions', `${socketPath}: no permission to connect`);
  if (code === 'ETIMEDOUT') return { state: 'hung', failure: failureOf('timeout', message) };
  return failed('unknown-error', message);
}

/** The answer as it came, whatever its status; or why there is none. Never rejects. */
export async function getText(
  access: HostAccess,
  socketPath: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string } | { readonly code: string | null }> {
  let socket: Duplex;
  try {
    socket = await access.connect(socketPath, { deadlineSeconds });
  } catch (error) {
    const { code = null } = error as NodeJS.ErrnoException;
    return { code: code === 'ENOENT' ? null : code };
  }
  try {
    return await exchange<
      { readonly status: number; readonly body: string } | { readonly code: string | null }
    >(
      socket,
      path,
      (status, body) => ({ status, body: body.toString('utf8') }),
      () => ({
        code: 'ETIMEDOUT',
      }),
    );
  } finally {
    socket.destroy();
  }
}

/** The same; null without any answer. */
export async function getAnswer(
  access: HostAccess,
  socketPath: string,
  path: string,
): Promise<{ readonly status: number; readonly body: string } | null> {
  const answer = await getText(access, socketPath, path);
  return 'status' in answer ? answer : null;
}

function ask(socket: Duplex, path: string): Promise<Outcome<unknown>> {
  return exchange<Outcome<unknown>>(
    socket,
    path,
    (status, body) => readAnswer(path, status, body),
    (failure) => failure,
  );
}

async function exchange<T>(
  socket: Duplex,
  path: string,
  read: (status: number, body: Buffer) => T,
  fail: (outcome: FailedOutcome) => T,
): Promise<T> {
  let isLate = false;
  // It may still fail after the answer, when nobody waits for it any more.
  socket.on('error', () => {});
  const deadline = startDeadline(deadlineSeconds, () => {
    isLate = true;
    socket.destroy(new Error(`no answer within ${deadlineSeconds} s`));
  });
  try {
    const headers = { host: 'docker', connection: 'close' };
    const asked = requestBytes({ method: 'GET', path, headers, body: null });
    const { status, body } = await exchangeOn(socket, asked, maxAnswerBytes);
    return read(status, body);
  } catch (error) {
    const message = `GET ${path}: ${(error as Error).message}`;
    if (isLate) return fail({ state: 'hung', failure: failureOf('timeout', message) });
    return fail(failed(/too long$/.test(message) ? 'truncated' : 'unknown-error', message));
  } finally {
    deadline.end();
  }
}

function readAnswer(path: string, status: number, body: Buffer): Outcome<unknown> {
  if (status === 404) return { state: 'absent', failure: null };
  if (status !== 200) return failed('unknown-error', `GET ${path}: status ${status}`);
  try {
    return { state: 'ok', value: JSON.parse(body.toString('utf8')) };
  } catch {
    return failed('unknown-error', `GET ${path}: the answer is not JSON`);
  }
}
