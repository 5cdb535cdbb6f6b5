/** What went wrong with the provider. Strangers see the first, so it has no address and nothing the provider said. */
export interface Words {
  readonly forAnyone: string;
  readonly forTheLog: string;
}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it breaks connections off',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up',
  ETIMEDOUT: 'it does not answer in time',
  OAUTH_TIMEOUT: 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer in time',
  UND_ERR_SOCKET: 'it breaks connections off',
  ENOENT: 'the hub cannot read its client secret',
  EACCES: 'the hub cannot read its client secret',
  EISDIR: 'the hub cannot read its client secret',
  OAUTH_RESPONSE_IS_NOT_JSON: 'its answer is not what a provider answers',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'its answer is not what a provider answers',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'it says that it is another provider',
};
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

/** An error and what caused it, the outermost first; a cause may be many. */
function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && chain.length < 12) {
    const next = queue.shift();
    if (!(next instanceof Error)) continue;
    chain.push(next);
    queue.push(next.cause, ...(next instanceof AggregateError ? next.errors : []));
  }
  return chain;
}

export function inWords(error: unknown): Words {
  const chain = chainOf(error);
  const codes = chain.map((each) => String(Reflect.get(each, 'code') ?? Reflect.get(each, 'name')));
  const known = codes.map((code) => byCode[code]).find((words) => words !== undefined);
  const badCertificate = codes.some((code) => certificate.test(code))
    ? 'the hub does not trust its certificate'
    : undefined;
  const messages = chain.map(({ message }) => message.replace(/\s+/g, ' ').slice(0, 300)).filter(Boolean);
  return {
    forAnyone: badCertificate ?? known ?? 'it does not answer as it should',
    forTheLog: [...new Set(messages)].join(': ') || String(error),
  };
}
