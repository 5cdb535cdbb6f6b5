import { gzipSync } from 'node:zlib';
import type { Report, StreamFrame } from '../../lib/model/index.ts';
import { answerParent } from '../support/child.ts';
import { codedSequences, playHost, wattsOf } from '../support/played-host.ts';
import { createPushClient, type PushClient } from '../support/push-client.ts';
import { type Viewer, watchFleet } from './viewer.ts';

export interface LoadOptions {
  readonly base: Report;
  readonly url: string;
  /** One a host. */
  readonly credentials: readonly string[];
  readonly intervalSeconds: number;
  /** An API token that may read the stream. */
  readonly viewerToken: string;
}

export interface LoadFigures {
  readonly pushMillis: readonly number[];
  /** From the sending of a report until a viewer of the stream had parsed it. */
  readonly seenMillis: readonly number[];
  /** Answers by status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly streamBytes: number;
  readonly sentBytes: number;
}

interface Sender {
  readonly id: string;
  readonly client: PushClient;
  /** Sends one report now. */
  send(): Promise<void>;
  /** Sequences that the hub answered with 202. */
  readonly acknowledged: number[];
  /** When each of the last sequences was sent; 0 once it was seen. */
  readonly sentAt: Float64Array;
}

let senders: readonly Sender[] = [];
let viewer: Viewer | null = null;
let running = false;
let rounds: Promise<void>[] = [];
let figures = emptyFigures();

function emptyFigures() {
  return {
    pushMillis: [] as number[],
    seenMillis: [] as number[],
    statuses: {} as Record<number, number>,
    sentBytes: 0,
    streamFrom: viewer?.receivedBytes() ?? 0,
  };
}

function createSender(
  { base, url, intervalSeconds }: LoadOptions,
  number: number,
  credential: string,
): Sender {
  const player = playHost({ base, number, intervalSeconds });
  const client = createPushClient(url, credential);
  const acknowledged: number[] = [];
  const sentAt = new Float64Array(codedSequences);
  return {
    id: player.id,
    client,
    acknowledged,
    sentAt,
    async send() {
      const { push, sequence } = player.push(Date.now());
      // An agent packs at the usual level; a light one keeps this process out of the hub's way.
      const packed = gzipSync(JSON.stringify(push), { level: 1 });
      sentAt[sequence % codedSequences] = performance.now();
      const { status, milliseconds } = await client.send(packed);
      figures.statuses[status] = (figures.statuses[status] ?? 0) + 1;
      figures.sentBytes += packed.length;
      if (status !== 202) return;
      acknowledged.push(sequence);
      figures.pushMillis.push(milliseconds);
    },
  };
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

async function reportOn(sender: Sender, firstInMillis: number, intervalMillis: number): Promise<void> {
  let due = performance.now() + firstInMillis;
  while (running) {
    await sleep(Math.max(0, due - performance.now()));
    if (!running) return;
    await sender.send();
    due += intervalMillis;
  }
}

function watch({ url, viewerToken }: LoadOptions): Viewer {
  const byId = new Map(senders.map((sender) => [sender.id, sender]));
  return watchFleet(url, viewerToken, (frame: StreamFrame) => {
    if (frame.topic !== 'fleet' || frame.event !== 'delta') return;
    const now = performance.now();
    for (const host of frame.hosts) {
      const sender = byId.get(host.id);
      const code = (host.gpus[0]?.powerWatts ?? 0) - wattsOf(0);
      const sent = sender?.sentAt[code] ?? 0;
      if (sender === undefined || sent === 0) continue;
      sender.sentAt[code] = 0;
      figures.seenMillis.push(now - sent);
    }
  });
}

export const handlers = {
  /** Resolves when each host has been given its turn in the interval. */
  start(options: LoadOptions): void {
    const { credentials, intervalSeconds } = options;
    senders = credentials.map((credential, number) => createSender(options, number, credential));
    viewer = watch(options);
    running = true;
    const intervalMillis = intervalSeconds * 1000;
    rounds = senders.map((sender, number) =>
      reportOn(sender, (number * intervalMillis) / senders.length, intervalMillis),
    );
  },
  /** Forgets the figures so far, but not what was acknowledged. */
  reset(): void {
    figures = emptyFigures();
  },
  figures(): LoadFigures {
    const { streamFrom, ...rest } = figures;
    return { ...rest, streamBytes: (viewer?.receivedBytes() ?? 0) - streamFrom };
  },
  /** Sends no more and waits for what is under way; gives what was acknowledged, by host id. */
  async finish(): Promise<ReadonlyMap<string, readonly number[]>> {
    running = false;
    await Promise.all(rounds);
    viewer?.close();
    for (const { client } of senders) client.close();
    return new Map(senders.map(({ id, acknowledged }) => [id, acknowledged]));
  },
};

if (process.send !== undefined) answerParent(handlers);
