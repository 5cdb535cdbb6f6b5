'use client';
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import type { Alert, AlertRuleView, AlertTally, Channel, Page, SilenceView } from '../../lib/model/index.ts';
import { PageTitle } from '../components/page-parts.tsx';
import { replaceInUrl, useUrlChoice } from '../components/url-state.client.ts';
import { Channels, channelsPath } from './channels.client.tsx';
import { Firing } from './firing.client.tsx';
import { History } from './history.client.tsx';
import { Rules, rulesPath } from './rules.client.tsx';
import { Silences, silencesPath } from './silences.client.tsx';
import { useAlertTally, useFresh } from './use-alerts.client.ts';

const tabNames = ['firing', 'history', 'silences', 'rules', 'channels'] as const;
const tabWords = {
  firing: 'Firing',
  history: 'History',
  silences: 'Silences',
  rules: 'Rules',
  channels: 'Channels',
} as const;

export interface AlertsViewProps {
  readonly tally: AlertTally;
  readonly open: readonly Alert[];
  readonly history: Page<Alert>;
  /** What `history` is the answer of. */
  readonly historyPath: string;
  readonly rules: readonly AlertRuleView[];
  readonly silences: readonly SilenceView[];
  /** Null for those who may not see them. */
  readonly channels: readonly Channel[] | null;
  readonly serverTime: string;
}

function Tab({ name, count }: { name: (typeof tabNames)[number]; count: number }) {
  return (
    <Tabs.Trigger
      value={name}
      className="whitespace-nowrap border-b-2 border-transparent px-2.5 py-2 text-muted -outline-offset-2 hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
    >
      {tabWords[name]}
      {name === 'silences' ? <span className="max-sm:sr-only"> & maintenance</span> : null}
      {count === 0 ? null : <span className="text-muted"> {count}</span>}
    </Tabs.Trigger>
  );
}

function Content({ name, children }: { name: (typeof tabNames)[number]; children: ReactNode }) {
  return (
    <Tabs.Content value={name} className="pt-4">
      {children}
    </Tabs.Content>
  );
}

const openPath = '/api/v1/alerts?phase=open&limit=1000';

/** The Alerts page, live. */
export function AlertsView(props: AlertsViewProps) {
  const { rules, serverTime, channels } = props;
  const tally = useAlertTally(props.tally);
  const [tab] = useUrlChoice('tab', tabNames);
  const rendered = <T,>(path: string, value: T) => ({ path, value, revision: props.tally.revision });
  const firstOpen: Page<Alert> = { items: props.open, nextCursor: null, total: props.open.length };
  const { value: open, problem, refresh } = useFresh(openPath, tally.revision, rendered(openPath, firstOpen));
  const shown = channels === null && tab === 'channels' ? 'firing' : tab;
  const loud = open.items.filter(({ phase, quiet }) => phase === 'firing' && quiet === null).length;
  const common = { revision: tally.revision, serverTime };
  return (
    <>
      <PageTitle aside={loud === 0 ? 'nothing fires' : `${loud} firing`}>Alerts</PageTitle>
      <Tabs.Root
        value={shown}
        onValueChange={(next) =>
          replaceInUrl({ tab: next === 'firing' ? null : next, q: null, cursor: null })
        }
      >
        <Tabs.List aria-label="Alerts" className="flex flex-wrap border-b border-line">
          {tabNames
            .filter((name) => name !== 'channels' || channels !== null)
            .map((name) => (
              <Tab key={name} name={name} count={name === 'firing' ? loud : 0} />
            ))}
        </Tabs.List>
        {problem === null ? null : (
          <p role="alert" className="pt-2 text-warn">
            What fires may be old here: {problem}. It is asked for again by itself.
          </p>
        )}
        <Content name="firing">
          <Firing alerts={open.items} call={openPath} rules={rules} serverTime={serverTime} done={refresh} />
        </Content>
        <Content name="history">
          <History first={rendered(props.historyPath, props.history)} {...common} />
        </Content>
        <Content name="silences">
          <Silences first={rendered(silencesPath, { items: props.silences })} rules={rules} {...common} />
        </Content>
        <Content name="rules">
          <Rules first={rendered(rulesPath, { items: rules })} revision={tally.revision} />
        </Content>
        {channels === null ? null : (
          <Content name="channels">
            <Channels first={rendered(channelsPath, { items: channels })} {...common} />
          </Content>
        )}
      </Tabs.Root>
    </>
  );
}
