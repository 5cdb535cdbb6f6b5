import type { Notifier } from '../notifier.ts';
import { noticeText } from '../template.ts';
import { sendMail } from './send.ts';

export interface MailBody {
  readonly subject: string;
  readonly text: string;
  /** Ids of the notices that this one ends, so that a reader's program puts them together. */
  readonly references: readonly string[];
}

/** Mail through a mail server. Its Message-ID is the notice's, so that a repeated one is the same mail. */
export const mail: Notifier = {
  told: 'notice',
  compose(notice, options) {
    const { title, text, url } = noticeText(notice, options);
    const body: MailBody = {
      subject: title,
      text: `${text}\n\n-- \ngpufleet ${url}\n`,
      references: notice.begun.map(({ id }) => id).slice(0, 20),
    };
    return JSON.stringify(body);
  },
  send: sendMail,
};
