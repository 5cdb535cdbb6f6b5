import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import type { CompatCheckAnswer, CompatCheckRequest } from '../../../lib/model/index.ts';
import type { CheckOptions } from './options.ts';

const deadlineMilliseconds = 30_000;
const maxAnswerBytes = 64 * 1024 * 1024;

/** Why the hub gave no answer, in one line. */
export class HubQuestionError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HubQuestionError';
    this.status = status;
  }
}

async function fileText(name: string, path: string): Promise<string> {
  try {
    return path === '-' ? await textOf(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HubQuestionError(`${name}: ${path} cannot be read (${code})`, null, { cause: error });
  }
}

interface Received {
  readonly status: number;
  readonly body: string;
}

async function post(url: URL, body: string, { tokenFile, caFile }: CheckOptions): Promise<Received> {
  const token = tokenFile === null ? null : (await fileText('--token-file', tokenFile)).trim();
  const ca = caFile === null ? null : await fileText('--ca-file', caFile);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(
        new HubQuestionError(`the hub ${url.origin} cannot be reached: ${error.message}`, null, {
          cause: error,
        }),
      );
    const asked = request(url, {
      method: 'POST',
      signal: AbortSignal.timeout(deadlineMilliseconds),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(ca === null ? {} : { ca }),
    });
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) asked.destroy(new Error('its answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.end(body);
  });
}

/** A problem document's own words. */
function problemText(body: string): string | null {
  try {
    const { detail, errors = [] } = JSON.parse(body) as {
      readonly detail?: string;
      readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
    };
    const fields = errors.map((each) => `${each.pointer}: ${each.detail}`);
    return [detail ?? '', ...fields].filter(Boolean).join(' ') || null;
  } catch {
    return null;
  }
}

/** The hub's answer to POST /api/v1/compat/check. Throws a HubQuestionError. */
export async function askHub(
  question: CompatCheckRequest,
  options: CheckOptions,
): Promise<CompatCheckAnswer> {
  const { hub } = options;
  if (hub === null) throw new Error('no hub is named');
  const base = hub.pathname.endsWith('/') ? hub.pathname : `${hub.pathname}/`;
  const url = new URL(`${base}api/v1/compat/check`, hub);
  const { status, body } = await post(url, JSON.stringify(question), options);
  if (status === 200) {
    try {
      return JSON.parse(body) as CompatCheckAnswer;
    } catch (error) {
      throw new HubQuestionError(`${url.origin} answers with what is no JSON`, null, { cause: error });
    }
  }
  const why =
    status === 401
      ? 'it wants an API token: --token-file'
      : (problemText(body) ?? `it answers with status ${status}`);
  throw new HubQuestionError(`the hub ${url.origin}: ${why}`, status);
}
