import type { AgentStatus, HostSoftware, Push, RawReading, ReportingHost } from '../../../lib/model/index.ts';
import { PROTOCOL_VERSION } from '../../../lib/protocol/limits.ts';

/** A report as text, without its age, which is known only when it is sent. */
export interface OutgoingReport {
  readonly sequence: number;
  /** JSON of the report but for `ageSeconds`. */
  readonly json: string;
  /** Null when it was taken before this agent process started. */
  readonly takenSeconds: number | null;
}

export interface PushHead {
  readonly host: ReportingHost;
  readonly agent: AgentStatus;
  readonly sentAt: string;
  readonly nowSeconds: number;
  /** Sent along with the report that it belongs to. */
  readonly raw: RawReading | null;
  /** Null: the hub has it. */
  readonly software: HostSoftware | null;
}

/** The body of a push, in UTF-8. The reports' texts are joined as bytes, not parsed again, nor joined to one text first. */
export function pushBody(
  { host, agent, sentAt, nowSeconds, raw, software }: PushHead,
  reports: readonly OutgoingReport[],
): Buffer {
  const isAlong = raw !== null && reports.some(({ sequence }) => sequence === raw.sequence);
  const head: Omit<Push, 'reports'> = {
    protocol: PROTOCOL_VERSION,
    host,
    agent,
    sentAt,
    ...(isAlong ? { raw } : {}),
    ...(software === null ? {} : { software }),
  };
  const texts = [`${JSON.stringify(head).slice(0, -1)},"reports":[`];
  reports.forEach(({ json, takenSeconds }, position) => {
    const ageSeconds =
      takenSeconds === null ? null : Math.max(0, Math.round((nowSeconds - takenSeconds) * 1000) / 1000);
    texts.push(`${position === 0 ? '' : ','}{"ageSeconds":${ageSeconds},`, json.slice(1));
  });
  texts.push(']}');
  return bytesOf(texts);
}

function bytesOf(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  texts.reduce((at, text) => at + bytes.write(text, at), 0);
  return bytes;
}
