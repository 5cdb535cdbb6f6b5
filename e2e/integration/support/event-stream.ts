import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { StreamFrame } from '../../../lib/model/index.ts';
import { type Cleanup, eventually } from './temporary.ts';

export interface SentEvent {
  readonly event: string;
  readonly id: string;
  readonly frame: StreamFrame;
}

export interface EventStream {
  readonly status: number;
  readonly events: readonly SentEvent[];
  readonly ended: Promise<void>;
  /** The first event from `from` on that fits. */
  next(
    fits: (event: SentEvent) => boolean,
    options?: { from?: number; seconds?: number },
  ): Promise<SentEvent>;
  close(): void;
}

function parseEvent(block: string): SentEvent | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  if (data === undefined) return null;
  return { event: field('event') ?? '', id: field('id') ?? '', frame: JSON.parse(data) as StreamFrame };
}

/** Opens server-sent events as a browser would; `cleanup` closes them. */
export function openEventStream(
  cleanup: Cleanup,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const start = url.startsWith('https:') ? requestTls : request;
    const outgoing = start(
      url,
      { headers: { ...headers, accept: 'text/event-stream' }, agent: false, rejectUnauthorized: false },
      (answer) => {
        const events: SentEvent[] = [];
        let rest = '';
        answer.setEncoding('utf8').on('data', (text: string) => {
          const blocks = (rest + text).split('\n\n');
          rest = blocks.pop() ?? '';
          events.push(...blocks.map(parseEvent).filter((event) => event !== null));
        });
        const ended = new Promise<void>((done) => answer.on('close', done).on('error', () => undefined));
        resolve({
          status: answer.statusCode ?? 0,
          events,
          ended,
          next: (fits, { from = 0, seconds = 10 } = {}) =>
            eventually(() => events.slice(from).find(fits), {
              seconds,
              everySeconds: 0.02,
              what: 'an event',
            }),
          close: () => outgoing.destroy(),
        });
      },
    );
    outgoing.on('error', reject);
    cleanup.add(() => outgoing.destroy());
    outgoing.end();
  });
}
