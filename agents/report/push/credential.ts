import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrollAnswer, EnrollRequest } from '../../../lib/protocol/enroll-types.ts';
import { secretPrefixes } from '../../../lib/protocol/limits.ts';
import { writeDurably } from '../spool/spool-state.ts';
import type { HubClient } from './hub-client.ts';
import { describeAnswer, hubProblem, type Refusal } from './refusal.ts';

/** Where the host's credential is kept between two starts. */
export interface CredentialStore {
  /** Folder of this agent's identity, for telling a person; null when it is only in memory. */
  readonly folder: string | null;
  read(): string | null;
  write(credential: string): void;
}

/** In a file that only its owner reads; a credential is used with the hub that gave it, and no other. */
export function createCredentialFile(folder: string, hubUrl: string): CredentialStore {
  const path = join(folder, 'credential.json');
  return {
    folder,
    read() {
      try {
        const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
        const { hub, credential } = value;
        return hub === hubUrl && typeof credential === 'string' ? credential : null;
      } catch {
        return null;
      }
    },
    write(credential) {
      writeDurably(path, `${JSON.stringify({ hub: hubUrl, credential })}\n`);
    },
  };
}

export function createCredentialMemory(): CredentialStore {
  let kept: string | null = null;
  return {
    folder: null,
    read: () => kept,
    write(credential) {
      kept = credential;
    },
  };
}

export interface Credentials {
  /** What to push with; enrols where that is needed. */
  get(): Promise<{ readonly credential: string } | Refusal>;
  /**
   * The hub does not take it: enrols anew where there is a token for that. The kept one is replaced only by another,
   * never dropped: the hub may know it again tomorrow, as after a restored backup.
   */
  renew(refusal: string): Promise<Refusal>;
}

export interface CredentialsOptions {
  readonly client: HubClient;
  readonly host: EnrollRequest['host'];
  readonly store: CredentialStore;
  /** The token as it is now: an enrolment token, the host's own credential, or null. Read anew each time. */
  readonly readToken: () => string | null;
  /** The hub knows this machine as another host: `host.id` is that one from then on. Left out: its own id or none. */
  readonly takeHostId?: ((id: string) => void) | undefined;
}

/** The host's credential: given, kept from before, or had for an enrolment token. */
export function createCredentials(options: CredentialsOptions): Credentials {
  const { store, readToken } = options;
  const isOwn = (token: string | null): token is string => token?.startsWith(secretPrefixes.agent) ?? false;
  const currentToken = (): { token: string | null } | Refusal => {
    try {
      return { token: readToken() };
    } catch (error) {
      return { kind: 'refused', message: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    async get() {
      const current = currentToken();
      if ('kind' in current) return current;
      const { token } = current;
      if (isOwn(token)) return { credential: token };
      const kept = store.read();
      if (kept !== null) return { credential: kept };
      if (token === null) {
        return { kind: 'refused', message: 'this host is not enrolled: give --token or --token-file' };
      }
      return enroll({ ...options, token });
    },
    async renew(refusal) {
      const current = currentToken();
      const token = 'kind' in current ? null : current.token;
      if (token === null || isOwn(token)) {
        const message = `${refusal}; enrol this host again: get a token from the hub's Add host page and start the agent with --token-file FILE`;
        return { kind: 'refused', message };
      }
      const enrolled = await enroll({ ...options, token });
      if ('kind' in enrolled) return { ...enrolled, message: `${refusal}; ${enrolled.message}` };
      return { kind: 'retry', message: `${refusal}; this host was enrolled anew` };
    },
  };
}

interface Enrolment extends CredentialsOptions {
  readonly token: string;
}

async function enroll(enrolment: Enrolment): Promise<{ credential: string } | Refusal> {
  const { client, host, store, token, takeHostId } = enrolment;
  const body = Buffer.from(JSON.stringify({ host } satisfies EnrollRequest));
  const answer = await client.post({ path: '/api/v1/enroll', bearer: token, body, isGzipped: false });
  if (answer.status === 429 || answer.status >= 500) {
    return { kind: 'retry', message: describeAnswer(answer), retryAfter: answer.retryAfter };
  }
  if (answer.status === 401 && hubProblem(answer) !== null) {
    const message =
      'the hub does not know the enrolment token, or it expired: get a new one from its Add host page';
    return { kind: 'refused', message };
  }
  if (answer.status === 409 && hubProblem(answer) !== null) {
    return { kind: 'refused', message: `enrolment: ${describeAnswer(answer)}${wayOut(store)}` };
  }
  if (answer.status !== 201) return { kind: 'refused', message: `enrolment: ${describeAnswer(answer)}` };
  const { credential, hostId } = parseAnswer(answer.body);
  if (credential === null) return { kind: 'refused', message: 'enrolment: the answer holds no credential' };
  // First the id: the hub gives a credential of one that is without it once more, and never one of another id.
  if (hostId !== null && hostId !== host.id) {
    if (takeHostId === undefined)
      return { kind: 'refused', message: `enrolment: the hub took this host for another (${hostId})` };
    takeHostId(hostId);
  }
  store.write(credential);
  return { credential };
}

/** For a cloned machine, with the files of this very agent. */
const wayOut = ({ folder }: CredentialStore): string =>
  folder === null
    ? ''
    : ` Here: stop the agent, rm ${join(folder, 'host.json')} ${join(folder, 'credential.json')}, and start it again with an enrolment token.`;

const isCredential = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(secretPrefixes.agent);

function parseAnswer(body: string): { credential: string | null; hostId: string | null } {
  try {
    const { credential, hostId } = JSON.parse(body) as Partial<EnrollAnswer>;
    return {
      credential: isCredential(credential) ? credential : null,
      hostId: typeof hostId === 'string' && /^[0-9a-f-]{36}$/.test(hostId) ? hostId : null,
    };
  } catch {
    return { credential: null, hostId: null };
  }
}
