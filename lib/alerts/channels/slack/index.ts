import { postHttp } from '../http.ts';
import type { Notice, Notifier } from '../notifier.ts';
import { noticeText, worstOf } from '../template.ts';

const colours = { critical: '#b3261e', warning: '#b26a00', over: '#2e7d32', test: '#5f6368' } as const;

/** What Slack itself takes for marks. */
const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function colourOf({ event, alerts }: Notice): string {
  if (event === 'test') return colours.test;
  return event === 'resolved' ? colours.over : colours[worstOf(alerts)];
}

/** An incoming webhook as Slack, Mattermost, Rocket.Chat and Discord (`…/slack`) take it. */
export const slack: Notifier = {
  told: 'notice',
  compose(notice, options) {
    const { title, text, url } = noticeText(notice, options);
    return JSON.stringify({
      text: escaped(title),
      attachments: [
        {
          color: colourOf(notice),
          fallback: escaped(title),
          title: escaped(notice.cause),
          ...(url.startsWith('http') ? { title_link: url } : {}),
          text: escaped(text),
          // A chat cannot tell a repeated one; a reader can.
          footer: `gpufleet ${notice.id}`,
          ts: Math.floor(Date.parse(notice.createdAt) / 1000),
        },
      ],
    });
  },
  send: ({ url }, { body }, signal) => postHttp({ url, body }, signal),
};
