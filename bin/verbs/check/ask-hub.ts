import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { CompatCheckAnswer, CompatCheckRequest } from '../../../lib/model/index.ts';
import { HubQuestionError, hubUrl, problemText, requestHub } from '../hub-request.ts';
import type { CheckOptions } from './options.ts';

async function fileText(name: string, path: string): Promise<string> {
  try {
    return path === '-' ? await textOf(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HubQuestionError(`${name}: ${path} cannot be read (${code})`, null, { cause: error });
  }
}

/** The hub's answer to POST /api/v1/compat/check. Throws a HubQuestionError. */
export async function askHub(
  question: CompatCheckRequest,
  options: CheckOptions,
): Promise<CompatCheckAnswer> {
  const { hub, tokenFile, caFile } = options;
  if (hub === null) throw new Error('no hub is named');
  const url = hubUrl(hub, 'api/v1/compat/check');
  const token = tokenFile === null ? null : (await fileText('--token-file', tokenFile)).trim();
  const ca = caFile === null ? null : await fileText('--ca-file', caFile);
  const { status, body } = await requestHub(url, { method: 'POST', body: question, token, ca });
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
