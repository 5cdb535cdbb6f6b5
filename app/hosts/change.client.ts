'use client';
import { sendChange } from '../components/send.client.ts';

/** Sends a change to the API: null when it is done, else one sentence that says why not. Never rejects. */
export async function sendHostChange(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<string | null> {
  const sent = await sendChange(method, path, body);
  if (sent.ok) return null;
  const { status, detail, fields } = sent.refusal;
  return (status === 422 ? Object.values(fields)[0] : undefined) ?? detail;
}
