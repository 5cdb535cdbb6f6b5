import { Agent, request } from 'node:http';

export interface PushOutcome {
  /** 0: no answer. */
  readonly status: number;
  readonly milliseconds: number;
  readonly body: string;
}

/** One agent's connection, kept open. */
export interface PushClient {
  /** Never rejects. */
  send(packed: Buffer): Promise<PushOutcome>;
  close(): void;
}

const answerMillis = 30_000;

export function createPushClient(hubUrl: string, credential: string): PushClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = new URL('/api/v1/push', hubUrl);
  const headers = {
    authorization: `Bearer ${credential}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  };
  return {
    send: (packed) =>
      new Promise((resolve) => {
        const startedAt = performance.now();
        const done = (status: number, body: string) =>
          resolve({ status, body, milliseconds: performance.now() - startedAt });
        const options = {
          method: 'POST',
          agent,
          timeout: answerMillis,
          headers: { ...headers, 'content-length': packed.length },
        };
        const asked = request(url, options, (answer) => {
          let body = '';
          answer.setEncoding('utf8');
          answer.on('data', (text: string) => {
            body += text;
          });
          answer.on('error', (error) => done(0, error.message));
          answer.on('end', () => done(answer.statusCode ?? 0, body));
        });
        asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
        asked.on('error', (error) => done(0, error.message));
        asked.end(packed);
      }),
    close: () => agent.destroy(),
  };
}
