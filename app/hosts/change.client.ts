'use client';

const deadlineMilliseconds = 15_000;

/** Sends a change to the API: null when it is done, else one sentence that says why not. Never rejects. */
export async function sendHostChange(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<string | null> {
  try {
    const answer = await fetch(path, {
      method,
      signal: AbortSignal.timeout(deadlineMilliseconds),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (answer.ok) return null;
    const problem = (await answer.json().catch(() => ({}))) as {
      readonly detail?: string;
      readonly errors?: readonly { readonly detail: string }[];
    };
    const first = answer.status === 422 ? problem.errors?.[0]?.detail : undefined;
    return first ?? problem.detail ?? `The hub answered ${answer.status}.`;
  } catch {
    return 'The hub does not answer. Nothing may have changed: look again before you repeat it.';
  }
}
