import type {
  AgentCode,
  AgentStatus,
  HostSoftware,
  Push,
  PushAnswer,
  RawReading,
  Report,
  ReportingHost,
} from '../../lib/model/index.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/limits.ts';
import type { Collector } from '../collect/index.ts';
import type { DoctorKeeper } from '../doctor/keeper.ts';
import type { SoftwareKeeper } from '../software/keeper.ts';
import { createHubPause } from './control/hub-pause.ts';
import type { Log } from './log.ts';
import { startLoop } from './loop.ts';
import { pushBody } from './push/body.ts';
import { type CredentialStore, createCredentials } from './push/credential.ts';
import type { HubClient } from './push/hub-client.ts';
import { createPushSink, type PushSink } from './push/sink.ts';
import { createCaptureSender } from './send-capture.ts';
import type { Spool } from './spool/index.ts';
import { agentVersion } from './version.ts';

export interface HubOptions {
  readonly client: HubClient;
  readonly credentialStore: CredentialStore;
  /** The enrolment token or host credential as it is now; throws an Error with one line when it cannot be read. */
  readonly readToken: () => string | null;
  /** See CredentialsOptions. */
  readonly takeHostId?: (id: string) => void;
}

export interface AgentOptions {
  readonly collector: Collector;
  readonly host: ReportingHost;
  readonly spool: Spool;
  /** Null: nothing is sent. */
  readonly hub: HubOptions | null;
  readonly log: Log;
  /** Left out: reports say nothing of what is wrong with the stack. */
  readonly doctor?: DoctorKeeper;
  /** Left out: pushes say nothing of software and settings beside the reports. */
  readonly software?: SoftwareKeeper;
  /** Takes a masked capture when the hub asks for one; left out: none is sent. Rejects with one line. */
  readonly takeCapture?: () => Promise<Buffer>;
  /** Which file it runs from, and what became of the last upgrade; asked for each push. */
  readonly code?: () => AgentCode;
  /** An answer of the hub to a push that it took. */
  readonly onAnswer?: (answer: PushAnswer) => void;
  /** Each report when it is taken, for the exporter and for --stdout. */
  readonly onReport?: (report: Report, status: AgentStatus) => void;
  /** The hub's status of each push, or `unreachable`. */
  readonly onPush?: (outcome: number | 'unreachable') => void;
  /** Told once: the hub's first answer. */
  readonly onReady?: () => void;
}

export interface Agent {
  /** Begins to read and report; resolves at once. */
  start(): void;
  /** One reading after everything was asked once; true when the hub has it, or there is no hub. */
  once(): Promise<boolean>;
  /** The push that one reading would make, after everything was asked once. */
  preview(): Promise<Push>;
  readonly status: AgentStatus;
  readonly reportsTaken: number;
  /** Ends reading; what the hub has not got is in the spool. The collector's access is the caller's to close. */
  stop(): Promise<void>;
}

/** One host's agent: takes readings and gives them to the hub. Several can live in one process. */
export function createAgent(options: AgentOptions): Agent {
  const { collector, host, spool } = options;
  const usualSeconds = collector.intervalSeconds;
  const startedAt = new Date().toISOString();
  const version = agentVersion();
  let reportsTaken = 0;
  let wantsRaw = false;
  /** The texts behind the newest report; never in the spool. */
  let raw: RawReading | null = null;
  let stopLoop: () => void = () => {};

  const status = (): AgentStatus => ({
    version,
    epoch: spool.epoch,
    startedAt,
    spooledReports: spool.stats.reports,
    spooledBytes: spool.stats.bytes,
    droppedReports: spool.stats.droppedReports,
    stuckProcesses: collector.stuckProcesses(),
    ...(options.code === undefined ? {} : { code: options.code() }),
  });
  const sink =
    options.hub === null
      ? null
      : createHubSink(options, options.hub, {
          status,
          usualSeconds,
          raw: () => raw,
          wantRaw(wanted) {
            wantsRaw = wanted;
          },
        });
  const { doctor, software } = options;
  const read = (): Omit<Report, 'ageSeconds'> => {
    const snapshot = collector.snapshot();
    doctor?.note(snapshot);
    software?.note(snapshot);
    const report = { sequence: spool.takeSequence(), ...snapshot };
    return doctor === undefined ? report : { ...report, doctor: doctor.current };
  };
  const take = (): void => {
    const report = read();
    reportsTaken += 1;
    raw = wantsRaw ? { sequence: report.sequence, ...collector.raw() } : null;
    options.onReport?.({ ...report, ageSeconds: 0 }, status());
    sink?.offer({
      sequence: report.sequence,
      json: JSON.stringify(report),
      takenSeconds: performance.now() / 1000,
    });
  };
  return {
    start() {
      stopLoop = startLoop(collector, take);
      void collector.start().then(() => Promise.all([doctor?.start(), software?.start()]));
    },
    async once() {
      await collector.start();
      await Promise.all([doctor?.start(), software?.start()]);
      take();
      return sink === null ? true : sink.flush();
    },
    async preview() {
      await collector.start();
      await Promise.all([doctor?.start(), software?.start()]);
      const report: Report = { ...read(), ageSeconds: 0 };
      const sentAt = new Date().toISOString();
      const told = software?.current ?? null;
      return {
        protocol: PROTOCOL_VERSION,
        host,
        agent: status(),
        sentAt,
        ...(told === null ? {} : { software: told }),
        reports: [report],
      };
    },
    get status() {
      return status();
    },
    get reportsTaken() {
      return reportsTaken;
    },
    async stop() {
      stopLoop();
      sink?.stop();
      spool.close();
      await Promise.all([collector.stop(), doctor?.stop(), software?.stop()]);
    },
  };
}

interface SinkContext {
  readonly status: () => AgentStatus;
  readonly usualSeconds: number;
  readonly raw: () => RawReading | null;
  readonly wantRaw: (wanted: boolean) => void;
}

function createHubSink(options: AgentOptions, hub: HubOptions, context: SinkContext): PushSink {
  const { collector, host, spool, log, software } = options;
  const { client, credentialStore: store, readToken, takeHostId } = hub;
  const hubPause = createHubPause(collector.pauses);
  const credentials = createCredentials({ client, host, store, readToken, takeHostId });
  const { takeCapture } = options;
  const captures =
    takeCapture === undefined ? null : createCaptureSender({ client, credentials, log, take: takeCapture });
  let ready = false;
  /** Of the push under way: one at a time. */
  let sent: HostSoftware | null = null;
  return createPushSink({
    courier: {
      client,
      credentials,
      compose(reports) {
        sent = software?.due() ?? null;
        return pushBody(
          {
            host,
            agent: context.status(),
            sentAt: new Date().toISOString(),
            nowSeconds: performance.now() / 1000,
            raw: context.raw(),
            software: sent,
          },
          reports,
        );
      },
      onTry: (outcome) => options.onPush?.(outcome),
    },
    spool,
    log,
    onAnswer(answer) {
      const { intervalSeconds, rawText = false, pause, captureId, sendSoftware = false } = answer;
      if (sent !== null) software?.settle(sent);
      else if (sendSoftware) software?.resend();
      hubPause.obey(pause);
      if (captureId !== undefined) captures?.want(captureId);
      context.wantRaw(rawText);
      options.onAnswer?.(answer);
      collector.setIntervalSeconds(Math.min(3600, Math.max(0.5, intervalSeconds)));
      if (!ready) options.onReady?.();
      ready = true;
    },
    // Nobody can be watching through a hub that is away.
    onTrouble() {
      context.wantRaw(false);
      collector.setIntervalSeconds(context.usualSeconds);
    },
  });
}
