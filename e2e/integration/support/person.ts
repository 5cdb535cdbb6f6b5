import { request } from 'node:http';
import { patience } from './patience.ts';
import type { Answer } from './pusher.ts';
import type { TestHub } from './test-hub.ts';

export interface Ask {
  readonly cookie?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as a form, asking for JSON back. */
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Address on this machine that it comes from: all of 127.0.0.0/8 is ours. */
  readonly from?: string;
}

const contentOf = ({ body, form }: Ask): { type: string; text: string } | null => {
  if (form !== undefined)
    return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() };
  return body === undefined ? null : { type: 'application/json', text: JSON.stringify(body) };
};

/** One request as the hub's own pages would send it. */
export function ask(hub: TestHub, method: string, path: string, what: Ask = {}): Promise<Answer> {
  const content = contentOf(what);
  const headers = {
    origin: hub.url,
    accept: 'application/json',
    ...(what.cookie === undefined ? {} : { cookie: what.cookie }),
    ...(content === null ? {} : { 'content-type': content.type }),
    ...what.headers,
  };
  return new Promise((resolve, reject) => {
    const local = what.from === undefined ? {} : { localAddress: what.from };
    const options = { method, headers, agent: false, timeout: 30_000 * patience, ...local } as const;
    const outgoing = request(`${hub.url}${path}`, options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${30 * patience} s`)));
    outgoing.on('error', reject);
    outgoing.end(content?.text);
  });
}

export function cookieOf(answer: Answer): string {
  const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0];
  if (!cookie) throw new Error(`no session: ${answer.status} ${answer.body}`);
  return cookie;
}

/** Signs in by a one-time link of the hub's command; as the administrator unless named. */
export async function byLink(hub: TestHub, name?: string): Promise<string> {
  const link = await hub.command('user', 'login-link', ...(name === undefined ? [] : [name]));
  return cookieOf(await ask(hub, 'POST', new URL(link).pathname));
}

export const goodPassword = 'correct horse battery staple';

/** Invites someone and accepts; gives the new user's session. */
export async function join(
  hub: TestHub,
  admin: string,
  { name, role, password = goodPassword }: { name: string; role: string; password?: string },
): Promise<string> {
  const invited = await ask(hub, 'POST', '/api/v1/invitations', { cookie: admin, body: { name, role } });
  const { path } = JSON.parse(invited.body) as { path: string };
  return cookieOf(await ask(hub, 'POST', path, { form: { password } }));
}
