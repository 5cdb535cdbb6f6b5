'use client';

export interface Refusal {
  readonly status: number;
  /** For a person. */
  readonly detail: string;
  /** By the name of the form's field; empty where no field is at fault. */
  readonly fields: Readonly<Record<string, string>>;
}

export type Sent<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

interface ProblemDocument {
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Longer than a password takes to be looked at while others wait. */
const deadlineMilliseconds = 30_000;

async function refusalOf(answer: Response): Promise<Refusal> {
  const problem = (await answer.json().catch(() => ({}))) as ProblemDocument;
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => [pointer.replace(/^\//, ''), detail]);
  return {
    status: answer.status,
    detail: problem.detail ?? `The hub answered ${answer.status}.`,
    fields: Object.fromEntries(fields),
  };
}

async function ask<T>(path: string, init: RequestInit): Promise<Sent<T>> {
  try {
    const answer = await fetch(path, { ...init, signal: AbortSignal.timeout(deadlineMilliseconds) });
    if (!answer.ok) return { ok: false, refusal: await refusalOf(answer) };
    return { ok: true, value: (answer.status === 204 ? undefined : await answer.json()) as T };
  } catch {
    const detail = 'The hub does not answer. Nothing may have changed: look again before you repeat it.';
    return { ok: false, refusal: { status: 0, detail, fields: {} } };
  }
}

/** Goes to the login, and back here afterwards; everything that this page knows is dropped. */
export function goToLogin(): void {
  location.assign(`/login?${new URLSearchParams({ from: location.pathname + location.search })}`);
}

/** Sends a change to the API. Who is signed out meanwhile is taken to the login. Never rejects. */
export async function sendChange<T = void>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Sent<T>> {
  const content =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const sent = await ask<T>(path, { method, ...content });
  if (!sent.ok && sent.refusal.status === 401) goToLogin();
  return sent;
}

/** Sends one of the forms by which someone signs in; the answer says where to go on. Never rejects. */
export const sendForm = (path: string, form: FormData): Promise<Sent<{ readonly location: string }>> =>
  ask(path, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams([...form].map(([name, value]) => [name, String(value)])),
  });
