import { postHttp } from '../http.ts';
import type { Notifier } from '../notifier.ts';
import { noticeText, worstOf } from '../template.ts';

/** ntfy cuts what is longer and sends it as a file. */
const longestBytes = 3500;

function cut(text: string): string {
  if (Buffer.byteLength(text) <= longestBytes) return text;
  const bytes = Buffer.from(text).subarray(0, longestBytes - 3);
  return `${new TextDecoder('utf-8').decode(bytes).replace(/\uFFFD+$/, '')}…`;
}

/** `https://ntfy.example.com/topic` as the address to publish JSON to, and the topic. */
export function ntfyAddress(url: string): { readonly server: string; readonly topic: string } {
  const { origin, pathname } = new URL(url);
  const parts = pathname.split('/').filter((part) => part !== '');
  const topic = decodeURIComponent(parts.pop() ?? '');
  return { server: `${[origin, ...parts].join('/')}/`, topic };
}

/** `user:password` is Basic, anything else is a token. */
export function ntfyAuthorization(secret: string | null): Record<string, string> {
  if (secret === null) return {};
  return secret.includes(':')
    ? { authorization: `Basic ${Buffer.from(secret).toString('base64')}` }
    : { authorization: `Bearer ${secret}` };
}

/** A push to telephones through ntfy.sh or a server of one's own. */
export const ntfy: Notifier = {
  told: 'notice',
  compose(notice, options) {
    const { title, text, url } = noticeText(notice, options);
    const isOver = notice.event === 'resolved';
    const isCritical = notice.event === 'firing' && worstOf(notice.alerts) === 'critical';
    return JSON.stringify({
      title,
      message: cut(text),
      priority: isCritical ? 5 : isOver || notice.event === 'test' ? 3 : 4,
      tags: [isOver ? 'white_check_mark' : isCritical ? 'rotating_light' : 'warning', notice.id],
      ...(url.startsWith('http') ? { click: url } : {}),
    });
  },
  send({ url, secret }, { body }, signal) {
    const { server, topic } = ntfyAddress(url);
    const message = { topic, ...(JSON.parse(body) as object) };
    return postHttp(
      { url: server, headers: ntfyAuthorization(secret), body: JSON.stringify(message) },
      signal,
    );
  },
};
