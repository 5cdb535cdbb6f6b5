import type { Channel } from '../../model/index.ts';
import { alertmanager } from './alertmanager/index.ts';
import { heartbeat } from './heartbeat/index.ts';
import { mail } from './mail/index.ts';
import type { Notifier } from './notifier.ts';
import { ntfy } from './ntfy/index.ts';
import { pagerduty } from './pagerduty/index.ts';
import { slack } from './slack/index.ts';
import { webhook } from './webhook/index.ts';

export * from './notifier.ts';
export { templateFault, templateFields } from './template.ts';

/** Every kind of channel. */
export const notifiers: Readonly<Record<Channel['kind'], Notifier>> = {
  webhook,
  slack,
  mail,
  pagerduty,
  ntfy,
  alertmanager,
  heartbeat,
};
