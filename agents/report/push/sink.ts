import type { PushAnswer } from '../../../lib/model/index.ts';
import type { Log } from '../log.ts';
import type { Spool } from '../spool/index.ts';
import { createBackOff, retryAfterSeconds } from './back-off.ts';
import type { OutgoingReport } from './body.ts';
import { type Courier, type Delivery, deliver } from './deliver.ts';
import { createOutbox } from './outbox.ts';

export interface PushSink {
  offer(report: OutgoingReport): void;
  /** True when everything that was offered is settled, false when the hub could not take it now. */
  flush(): Promise<boolean>;
  /** What the hub has not got goes to the spool. */
  stop(): void;
}

export interface PushSinkOptions {
  readonly courier: Courier;
  readonly spool: Spool;
  readonly log: Log;
  readonly onAnswer: (answer: PushAnswer) => void;
  /** The hub is out of reach, or answers with an error. */
  readonly onTrouble: () => void;
  readonly random?: () => number;
  /** First and longest wait after a failure, and after a refusal that needs a person. */
  readonly backOffSeconds?: { readonly first: number; readonly longest: number };
}

/** Between two pushes of backlog, so that it drains at a pace and the newest never waits for it. */
const backlogPauseSeconds = 0.25;
/** A hub that allows more than this at once is not believed. */
const mostReportsPerPush = 240;
const firstRefusalSeconds = 15;
const longestRefusalSeconds = 300;

/** Sends reports to the hub, newest first, and keeps what it cannot take. */
export function createPushSink(options: PushSinkOptions): PushSink {
  const { courier, spool, log } = options;
  const { first, longest } = options.backOffSeconds ?? { first: 1, longest: 60 };
  const outbox = createOutbox(spool);
  const soon = createBackOff(first, longest, options.random);
  const seldom = createBackOff(firstRefusalSeconds, longestRefusalSeconds, options.random);
  let allowedReports = 1;
  let inTrouble = false;
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> | null = null;
  let stopped = false;

  const wait = (seconds: number): void => {
    if (!stopped) timer = setTimeout(start, seconds * 1000);
  };
  const start = (): void => {
    timer = null;
    if (stopped || turn !== null || outbox.isEmpty) return;
    turn = push().then((pauseSeconds) => {
      turn = null;
      if (pauseSeconds !== null) wait(pauseSeconds);
    });
  };
  /** Gives the seconds until the next try, or null: nothing is left to send. */
  const push = async (): Promise<number | null> => {
    const batch = outbox.take(allowedReports);
    if (batch.length === 0) return null;
    const delivery = await deliverInParts(batch);
    if (delivery.kind === 'accepted' || delivery.kind === 'rejected') {
      return outbox.isEmpty ? null : backlogPauseSeconds;
    }
    return pauseAfter(delivery);
  };
  /** A push that is rejected is sent again report by report, so that one bad or large report costs only itself. */
  const deliverInParts = async (batch: readonly OutgoingReport[]): Promise<Delivery> => {
    const delivery = await deliver(courier, batch);
    if (delivery.kind === 'accepted') settle(batch, delivery.answer);
    if (delivery.kind !== 'rejected') return delivery;
    if (batch.length > 1) {
      for (const report of batch) {
        const single = await deliverInParts([report]);
        if (single.kind === 'retry' || single.kind === 'refused') return single;
      }
      return delivery;
    }
    if (!delivery.isFinal) return { kind: 'refused', message: delivery.message };
    outbox.drop(batch.map((report) => report.sequence));
    log(`a report was dropped, since ${delivery.message}`);
    return delivery;
  };
  const settle = (batch: readonly OutgoingReport[], answer: PushAnswer): void => {
    outbox.settle(batch.map((report) => report.sequence));
    soon.reset();
    seldom.reset();
    allowedReports = Math.min(mostReportsPerPush, Math.max(1, Math.floor(answer.backlogReports)));
    const backlog = outbox.backlogReports;
    if (inTrouble)
      log(`reporting to ${courier.client.url}${backlog > 0 ? `; ${backlog} reports to catch up` : ''}`);
    inTrouble = false;
    options.onAnswer(answer);
  };
  const pauseAfter = (delivery: Exclude<Delivery, { kind: 'accepted' | 'rejected' }>): number => {
    if (stopped) return 0;
    outbox.flush();
    inTrouble = true;
    allowedReports = 1;
    options.onTrouble();
    log(`${delivery.message}; reports are kept`);
    const own = delivery.kind === 'retry' ? soon.next() : seldom.next();
    return Math.max(own, retryAfterSeconds(delivery.retryAfter, Date.now()) ?? 0);
  };
  return {
    offer(report) {
      outbox.put(report);
      if (timer === null) start();
    },
    async flush() {
      while (!outbox.isEmpty && !inTrouble) {
        if (timer !== null) clearTimeout(timer);
        start();
        await turn;
      }
      return outbox.isEmpty;
    },
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      courier.client.close();
      outbox.flush();
    },
  };
}
