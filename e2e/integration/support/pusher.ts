import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { Push, PushAnswer, Report, ReportedGpu } from '../../../lib/model/index.ts';
import type { EnrollAnswer } from '../../../lib/protocol/enroll-types.ts';
import { sleep } from './temporary.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** One request on a connection of its own; rejects when the hub cannot be reached or goes away in the middle. */
export function send(
  url: string,
  {
    method = 'POST',
    headers = {},
    body,
    from,
  }: {
    method?: string;
    headers?: Record<string, string | string[]>;
    body?: Buffer | string;
    /** This machine's own address to come from. */
    from?: string;
  },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Whom a certificate names is the agent's own test; here it is always this machine.
    const options = {
      method,
      headers,
      agent: false,
      timeout: 30_000,
      rejectUnauthorized: false,
      ...(from === undefined ? {} : { localAddress: from }),
    } as const;
    const start = url.startsWith('https:') ? requestTls : request;
    const outgoing = start(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 s')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A host id that is the same in every run. */
export function hostId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Enrols a host as its agent would; gives the credential of its pushes. */
export async function enroll(
  hubUrl: string,
  enrollmentToken: string,
  hostname: string,
  id = hostId(hostname),
): Promise<string> {
  const answer = await send(`${hubUrl}/api/v1/enroll`, {
    headers: { authorization: `Bearer ${enrollmentToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ host: { id, hostname, labels: {} } }),
  });
  if (answer.status !== 201) throw new Error(`enrol ${hostname}: ${answer.status} ${answer.body}`);
  return (JSON.parse(answer.body) as EnrollAnswer).credential;
}

export interface PushOptions {
  readonly credential: string;
  readonly gzip?: boolean;
}

export function pushOnce(hubUrl: string, push: Push, options: PushOptions): Promise<Answer> {
  const json = Buffer.from(JSON.stringify(push));
  const headers = { authorization: `Bearer ${options.credential}`, 'content-type': 'application/json' };
  return options.gzip === true
    ? send(`${hubUrl}/api/v1/push`, {
        headers: { ...headers, 'content-encoding': 'gzip' },
        body: gzipSync(json),
      })
    : send(`${hubUrl}/api/v1/push`, { headers, body: json });
}

/** Sends until it is acknowledged, as an agent does: no answer, 429 and 5xx are tried again, anything else is an error. */
export async function pushUntilTaken(
  hubUrl: string,
  push: () => Push,
  options: PushOptions & { readonly seconds?: number },
): Promise<PushAnswer> {
  const end = performance.now() + (options.seconds ?? 120) * 1000;
  for (;;) {
    const answer = await pushOnce(hubUrl, push(), options).catch(() => null);
    if (answer?.status === 202) return JSON.parse(answer.body) as PushAnswer;
    if (answer !== null && answer.status !== 429 && answer.status < 500)
      throw new Error(`push refused: ${answer.status} ${answer.body}`);
    if (performance.now() > end) throw new Error(`push not taken: ${answer?.status ?? 'no answer'}`);
    await sleep(0.1);
  }
}

/** A report in the time line of a test: values that depend on host, GPU and sequence only. */
export function variedReport(base: Report, hostname: string, sequence: number, takenAt: Date): Report {
  const gpus = base.gpus.map((gpu, i): ReportedGpu => {
    const noise = createHash('sha256').update(`${hostname} ${i} ${sequence}`).digest();
    const [a = 0, b = 0, c = 0] = noise;
    return {
      ...gpu,
      uuid: `GPU-${hostId(`${hostname} ${i}`)}`,
      index: i,
      utilization: { ...gpu.utilization, gpuRatio: Math.round((a / 255) * 100) / 100 },
      temperature: { ...gpu.temperature, gpuCelsius: 30 + (b % 50) },
      power: { ...gpu.power, drawWatts: Math.round(100 + (c / 255) * 60_000) / 100 },
      sampledAt: takenAt.toISOString(),
      processes: [],
      migDevices: [],
    };
  });
  return { ...base, sequence, takenAt: takenAt.toISOString(), ageSeconds: null, gpus, containers: [] };
}
