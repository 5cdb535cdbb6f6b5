'use client';
import type {
  Alert,
  AlertDetail,
  AlertRuleView,
  Channel,
  Delivery,
  SilenceView,
} from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { alertExpressions, deliveryExpressions } from '../export/promql.ts';

const namesOf = (hosts: Alert['hosts']): string => hosts.map(({ hostname }) => hostname).join(' ');

const alertColumns: readonly CsvColumn<Alert>[] = [
  { header: 'Id', value: ({ id }) => id },
  { header: 'State', value: ({ phase }) => phase },
  { header: 'Severity', value: ({ severity }) => severity },
  { header: 'Rule', value: ({ rule }) => rule },
  { header: 'Cause', value: ({ cause }) => cause },
  { header: 'What', value: ({ what }) => what },
  { header: 'Hosts', value: ({ hosts }) => namesOf(hosts) },
  { header: 'Host ids', value: ({ hosts }) => hosts.map(({ id }) => id).join(' ') },
  { header: 'Since (UTC)', value: ({ since }) => timeOf(since) },
  { header: 'Fired (UTC)', value: ({ firedAt }) => timeOf(firedAt) },
  { header: 'Over (UTC)', value: ({ resolvedAt }) => timeOf(resolvedAt) },
  { header: 'Why it is over', value: ({ resolution }) => resolution },
  { header: 'Acknowledged by', value: ({ acknowledged }) => acknowledged?.by },
  { header: 'Acknowledged (UTC)', value: ({ acknowledged }) => timeOf(acknowledged?.at ?? null) },
  { header: 'Note', value: ({ acknowledged }) => acknowledged?.note },
  { header: 'Kept quiet by', value: ({ quiet }) => quiet?.kind },
  { header: 'Quiet until (UTC)', value: ({ quiet }) => timeOf(quiet?.until ?? null) },
];

interface AlertsExportProps {
  readonly name: 'firing alerts' | 'alert history';
  readonly alerts: readonly Alert[];
  /** The API call whose answer is shown. */
  readonly call: string;
}

export function AlertsExport({ name, alerts, call }: AlertsExportProps) {
  return (
    <ExportMenu
      name={name}
      csv={() => toCsv(alertColumns, alerts)}
      call={call}
      // What was over before a Prometheus looked is in no metric.
      promql={name === 'firing alerts' ? alertExpressions : []}
    />
  );
}

const silenceColumns: readonly CsvColumn<SilenceView>[] = [
  { header: 'Id', value: ({ id }) => id },
  { header: 'Kind', value: ({ kind }) => kind },
  { header: 'State', value: ({ state }) => state },
  { header: 'Hosts', value: ({ hosts }) => hosts.join(' ') },
  { header: 'Matches now', value: ({ matches }) => namesOf(matches) },
  { header: 'Rule', value: ({ rule }) => rule },
  { header: 'Only with', value: ({ matchers }) => matchers.join(' ') },
  { header: 'Starts (UTC)', value: ({ startsAt }) => timeOf(startsAt) },
  { header: 'Ends (UTC)', value: ({ endsAt }) => timeOf(endsAt) },
  { header: 'Ended early (UTC)', value: ({ endedAt }) => timeOf(endedAt) },
  { header: 'Ended by', value: ({ endedBy }) => endedBy },
  { header: 'Reason', value: ({ reason }) => reason },
  { header: 'By', value: ({ createdBy }) => createdBy },
  { header: 'Made (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
];

export function SilencesExport({ silences, call }: { silences: readonly SilenceView[]; call: string }) {
  return <ExportMenu name="silences" csv={() => toCsv(silenceColumns, silences)} call={call} />;
}

const ruleColumns: readonly CsvColumn<AlertRuleView>[] = [
  { header: 'Rule', value: ({ rule }) => rule },
  { header: 'On', value: ({ isOn }) => isOn },
  { header: 'Severity', value: ({ severity }) => severity },
  { header: 'After (s)', value: ({ afterSeconds }) => afterSeconds },
  { header: 'Threshold', value: ({ threshold }) => threshold?.value },
  { header: 'Unit', value: ({ threshold }) => threshold?.unit },
  { header: 'Watches', value: ({ watches }) => watches },
  { header: 'Hosts', value: ({ scope }) => scope?.hosts?.join(' ') },
  { header: 'Models', value: ({ scope }) => scope?.models?.join(' ') },
];

export function RulesExport({ rules, call }: { rules: readonly AlertRuleView[]; call: string }) {
  return (
    <ExportMenu name="rules" csv={() => toCsv(ruleColumns, rules)} call={call} promql={alertExpressions} />
  );
}

const channelColumns: readonly CsvColumn<Channel>[] = [
  { header: 'Name', value: ({ name }) => name },
  { header: 'Kind', value: ({ kind }) => kind },
  { header: 'Address', value: ({ address }) => address },
  { header: 'Signed', value: ({ signed }) => signed },
  { header: 'How it goes', value: ({ health }) => health.state },
  { header: 'From', value: ({ source }) => source },
  { header: 'Notices waiting', value: ({ waiting }) => waiting },
  { header: 'Last notice', value: ({ last }) => last?.event },
  { header: 'Its state', value: ({ last }) => last?.state },
  { header: 'Its time (UTC)', value: ({ last }) => timeOf(last?.finishedAt ?? last?.createdAt ?? null) },
  { header: 'Its attempts', value: ({ last }) => last?.attempts },
  { header: 'What went wrong', value: ({ last }) => last?.lastError },
];

export function ChannelsExport({ channels, call }: { channels: readonly Channel[]; call: string }) {
  return (
    <ExportMenu
      name="channels"
      csv={() => toCsv(channelColumns, channels)}
      call={call}
      promql={deliveryExpressions}
    />
  );
}

const deliveryColumns: readonly CsvColumn<Delivery>[] = [
  { header: 'Id', value: ({ id }) => id },
  { header: 'Channel', value: ({ channelName }) => channelName },
  { header: 'Notice', value: ({ event }) => event },
  { header: 'State', value: ({ state }) => state },
  { header: 'Attempts', value: ({ attempts }) => attempts },
  { header: 'Queued (UTC)', value: ({ createdAt }) => timeOf(createdAt) },
  { header: 'Next attempt (UTC)', value: ({ nextAttemptAt }) => timeOf(nextAttemptAt) },
  { header: 'Over (UTC)', value: ({ finishedAt }) => timeOf(finishedAt) },
  { header: 'What went wrong', value: ({ lastError }) => lastError },
];

export function DeliveriesExport({ alert, call }: { alert: AlertDetail; call: string }) {
  return (
    <ExportMenu
      isSmall
      name="who was told"
      csv={() => toCsv(deliveryColumns, alert.deliveries)}
      call={call}
      promql={deliveryExpressions}
    />
  );
}
