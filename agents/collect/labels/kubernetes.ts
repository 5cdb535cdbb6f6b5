import { labelKeyFault, labelValueFault } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { failed, failureOf } from '../failures.ts';
import type { Outcome } from '../source.ts';

export interface NodeLabelOptions {
  /** Name of this node, as the downward API gives it. */
  readonly node: string;
  /** Keys of labels to take, `*` for any text. */
  readonly patterns: readonly string[];
  /** Of the API server; null outside of a pod. */
  readonly api: { readonly host: string; readonly port: number } | null;
}

/** Not a label of the node: what `kubectl cordon` sets. */
const cordonedLabel = 'kubernetes-cordoned';
const deadlineSeconds = 5;
const maxAnswerBytes = 4 * 2 ** 20;
/** Where every pod with a service account has its token and the cluster's authority. */
const secrets = '/var/run/secrets/kubernetes.io/serviceaccount';

export const nodeUrl = ({ node, api }: NodeLabelOptions): string =>
  `https://${api?.host ?? 'kubernetes'}:${api?.port ?? 443}/api/v1/nodes/${encodeURIComponent(node)}`;

const matcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : `\\${sign}`))}$`);

/** Labels of a node by the API server's answer: those that a host may have and that were asked for, and whether it is cordoned. Never throws. */
export function nodeLabels(answer: unknown, patterns: readonly string[]): Record<string, string> | null {
  const { metadata } = (answer ?? {}) as { readonly metadata?: { readonly labels?: unknown } };
  const { labels } = metadata ?? {};
  const isCordoned =
    (answer as { readonly spec?: { readonly unschedulable?: unknown } } | null)?.spec?.unschedulable === true;
  if (typeof labels !== 'object' || labels === null) return null;
  const wanted = patterns.map(matcher);
  const asked = Object.fromEntries(
    Object.entries(labels).filter(
      (label): label is [string, string] =>
        typeof label[1] === 'string' &&
        wanted.some((pattern) => pattern.test(label[0])) &&
        labelKeyFault(label[0]) === null &&
        labelValueFault(label[1]) === null,
    ),
  );
  // The hub keeps alerts of such a host quiet.
  return isCordoned ? { ...asked, [cordonedLabel]: 'true' } : asked;
}

interface Asked {
  readonly url: string;
  readonly token: string;
  readonly ca: string;
}

function ask({ url, token, ca }: Asked): Promise<{ readonly status: number; readonly body: string }> {
  // Loaded where it is asked for at all: most hosts do without it in memory.
  const { request } = process.getBuiltinModule('node:https');
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const asked = request(url, { method: 'GET', headers, ca, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) asked.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    const late = (): void => {
      asked.destroy(new Error(`no answer within ${deadlineSeconds} s`));
    };
    const timer = setTimeout(late, deadlineSeconds * 1000);
    asked.on('close', () => clearTimeout(timer));
    asked.on('error', reject);
    asked.end();
  });
}

/** Asks the API server for this node. `absent` outside of a pod. Never rejects. */
export async function readNodeLabels(
  access: HostAccess,
  options: NodeLabelOptions,
): Promise<Outcome<Record<string, string>>> {
  if (options.api === null) return { state: 'absent', failure: null };
  const limits = { maxBytes: 256 * 1024, deadlineSeconds: 1 };
  const token = await access.readFile(`${secrets}/token`, limits);
  const ca = await access.readFile(`${secrets}/ca.crt`, limits);
  if (token.outcome !== 'read' || ca.outcome !== 'read')
    return failed('insufficient-permissions', `${secrets}: no service account is mounted into this pod`);
  try {
    const url = nodeUrl(options);
    const { status, body } = await ask({ url, token: token.text.trim(), ca: ca.text });
    if (status === 403) return failed('insufficient-permissions', 'the service account may not get nodes');
    if (status !== 200) return failed('unknown-error', `the API server answered ${status}`);
    const labels = nodeLabels(JSON.parse(body), options.patterns);
    return labels === null
      ? failed('unknown-error', 'the answer is no node')
      : { state: 'ok', value: labels };
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith('no answer within')
      ? { state: 'hung', failure: failureOf('timeout', message) }
      : failed('unknown-error', message);
  }
}
