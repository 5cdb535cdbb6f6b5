import { templateFault } from '../../alerts/channels/index.ts';
import { pagerdutyUrl } from '../../alerts/channels/pagerduty/index.ts';
import { parseWebhookUrl, SettingError } from '../../config/parsers.ts';
import type { ChannelKind, ChannelOptions } from '../../model/index.ts';
import { refusedField } from '../errors.ts';

export interface NewChannel {
  readonly kind: ChannelKind;
  readonly name: string;
  readonly url: string;
  /** Signs notices or proves who sends; never shown again. */
  readonly secret: string | null;
  readonly options: ChannelOptions;
}

function httpUrl(text: string): string {
  try {
    return parseWebhookUrl(text);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    throw refusedField('/url', `The address ${error.message}.`);
  }
}

function mailServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isRight = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '';
  if (!isRight)
    throw refusedField('/url', 'The address is no mail server such as smtp://mail.example.com:587.');
  if (url.username !== '' || url.password !== '')
    throw refusedField('/url', 'The address has a user or password in it: give them by themselves.');
  return url.href;
}

const mostAlertmanagers = 10;

function alertmanagers(text: string): string {
  const urls = text.split(/[\s,]+/).filter((each) => each !== '');
  if (urls.length === 0 || urls.length > mostAlertmanagers)
    throw refusedField('/url', `Name 1 to ${mostAlertmanagers} Alertmanagers.`);
  return urls.map((each) => httpUrl(each)).join(' ');
}

function urlOf({ kind, url }: NewChannel): string {
  if (kind === 'mail') return mailServer(url);
  if (kind === 'alertmanager') return alertmanagers(url);
  if (kind === 'pagerduty' && url.trim() === '') return pagerdutyUrl;
  const read = httpUrl(url);
  if (kind === 'ntfy' && new URL(read).pathname.replaceAll('/', '') === '')
    throw refusedField('/url', 'The address names no topic, such as https://ntfy.sh/my-topic.');
  return read;
}

const mailAddress = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,253}$/;

function checkMail({ options: { to, from, user }, secret }: NewChannel): void {
  if (to.length === 0) throw refusedField('/options/to', 'To whom? Name at least one mail address.');
  const wrong = to.find((address) => !mailAddress.test(address));
  if (wrong !== undefined) throw refusedField('/options/to', `"${wrong}" is no mail address.`);
  if (from === null)
    throw refusedField('/options/from', 'From whom? Give the mail address that the mails come from.');
  if (!mailAddress.test(from)) throw refusedField('/options/from', `"${from}" is no mail address.`);
  if (user !== null && secret === null) throw refusedField('/secret', 'A user needs a password.');
}

function checkTemplates({ options }: NewChannel): void {
  for (const part of ['title', 'line'] as const) {
    const given = options[part];
    const fault = given === null ? null : templateFault(part, given);
    if (fault !== null) throw refusedField(`/options/${part}`, fault);
  }
}

/** Its address as it is kept. Throws `unprocessable` with where the fault is. */
export function checkChannel(wanted: NewChannel): string {
  const url = urlOf(wanted);
  if (wanted.kind === 'mail') checkMail(wanted);
  if (wanted.kind === 'pagerduty' && wanted.secret === null)
    throw refusedField('/secret', 'PagerDuty needs the integration key of a service (Events API v2).');
  checkTemplates(wanted);
  return url;
}
