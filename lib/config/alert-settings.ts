import { durationBetween, list, parseText, parseWebhookUrl, value } from './read-settings.ts';

/** When alerts fire and who is told; a part of the hub's settings. */
export const alertSettings = {
  alertHostGoneAfter: value(durationBetween('1s', '1h'), 60, {
    placeholder: 'TIME',
    help: 'how long a host is gone before it alerts; over 20 % lost within it are one alert (1m)',
  }),
  alertDriftAfter: value(durationBetween('1s', '1d'), 60, {
    placeholder: 'TIME',
    help: 'how long a driver differs from its baseline before it alerts (1m)',
  }),
  alertClearAfter: value(durationBetween('1s', '1h'), 30, {
    placeholder: 'TIME',
    help: 'how long an alert must not hold before it is resolved (30s)',
  }),
  alertStartGrace: value(durationBetween('1s', '1h'), 90, {
    placeholder: 'TIME',
    help: 'how long after its start the hub waits for hosts to come back (90s; agents wait up to 60s)',
  }),
  alertGroupWait: value(durationBetween('0s', '10m'), 10, {
    placeholder: 'TIME',
    help: 'how long a notice waits for others of its cause (10s)',
  }),
  alertRetention: value(durationBetween('1d', '20y'), 90 * 86_400, {
    placeholder: 'TIME',
    help: 'how long resolved alerts are kept (90d)',
  }),
  alertStandingEvery: value(durationBetween('1s', '10m'), 60, {
    placeholder: 'TIME',
    help: 'how often Alertmanagers and heartbeats are told what fires; its end lies four times as far ahead (1m)',
  }),
  webhook: list(parseWebhookUrl, {
    placeholder: 'URL',
    help: 'send alerts there, as JSON; may be repeated. Others are added on the Alerts page',
  }),
  webhookSecret: {
    ...value(parseText, null, {
      placeholder: 'TEXT',
      help: 'signs what goes to --webhook; better in the environment than on a command line',
    }),
    secret: true,
  },
};

export interface AlertConfig {
  readonly hostGoneSeconds: number;
  readonly driftSeconds: number;
  readonly clearSeconds: number;
  readonly startGraceSeconds: number;
  readonly groupWaitSeconds: number;
  readonly retentionSeconds: number;
  readonly standingSeconds: number;
  readonly webhooks: readonly string[];
  readonly webhookSecret: string | null;
}
