import type {
  Alert,
  AlertDetail,
  AlertRuleView,
  AlertTally,
  Channel,
  Page,
  SilenceView,
} from '../model/index.ts';
import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { getAlert } from './operations/get-alert.ts';
import { type AlertQuery, listAlerts } from './operations/list-alerts.ts';
import { listChannels } from './operations/list-channels.ts';
import { getAlertTally, listAlertRules, listOpenAlerts } from './operations/list-open-alerts.ts';
import { listSilences } from './operations/list-silences.ts';

/** What the pages of alerts ask of the hub. */
export interface HubAlerts {
  /** Pending and firing, the youngest first. */
  listOpenAlerts(actor: Actor): Promise<readonly Alert[]>;
  listAlerts(actor: Actor, query: AlertQuery): Promise<Page<Alert>>;
  getAlertTally(actor: Actor): Promise<{ readonly alerts: AlertTally; readonly serverTime: string }>;
  /** Throws `not-found`. */
  getAlert(actor: Actor, id: string): Promise<AlertDetail>;
  listAlertRules(actor: Actor): Promise<readonly AlertRuleView[]>;
  listSilences(actor: Actor): Promise<readonly SilenceView[]>;
  /** Admin only. */
  listChannels(actor: Actor): Promise<readonly Channel[]>;
}

export const alertsOf = (context: HubContext): HubAlerts => ({
  listOpenAlerts: (actor) => listOpenAlerts(actor, context),
  listAlerts: (actor, query) => listAlerts(actor, context, query),
  getAlertTally: (actor) => getAlertTally(actor, context),
  getAlert: (actor, id) => getAlert(actor, context, id),
  listAlertRules: (actor) => listAlertRules(actor, context),
  listSilences: (actor) => listSilences(actor, context),
  listChannels: (actor) => listChannels(actor, context),
});
