import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HubContext } from '../context.ts';

const yearSeconds = 365 * 86_400;

/** What a page has no use for; a script that gets in has none either. */
const unusedFeatures = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
];

/** On every answer, whatever it is. The policy is that of everything but a page: it may load and run nothing. */
const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'permissions-policy': unusedFeatures.map((feature) => `${feature}=()`).join(', '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Browsers keep HSTS for a host with all of its ports, so it is sent only where the hub is the host's https itself: on
 * another port it would cut off what the host serves without TLS beside it, such as its Prometheus.
 */
function hasStrictTransport({ address, config }: Pick<HubContext, 'address' | 'config'>): boolean {
  if (address?.scheme !== 'https') return false;
  if (config.publicUrl === null) return address.port === 443;
  const { protocol, port } = new URL(config.publicUrl);
  return protocol === 'https:' && port === '';
}

/** Of every answer. */
export const securityHeaders = (
  context: Pick<HubContext, 'address' | 'config'>,
): Readonly<Record<string, string>> =>
  hasStrictTransport(context) ? { ...always, 'strict-transport-security': `max-age=${yearSeconds}` } : always;

export function setSecurityHeaders(context: HubContext, response: ServerResponse): void {
  for (const [name, value] of Object.entries(securityHeaders(context))) response.setHeader(name, value);
}

/**
 * Policy of a page. Styles as attributes are allowed, because the widths and heights that a page is rendered with are
 * such; style elements need the nonce. `formTargets` are origins that a form's answer may send the browser to.
 */
export const pagePolicy = (nonce: string, formTargets: readonly string[]): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
  ].join('; ');

/** Gives a page its policy. Next takes the nonce of its scripts from the request, the browser from the answer. */
export function setPagePolicy(
  request: IncomingMessage,
  response: ServerResponse,
  formTargets: readonly string[],
): void {
  const policy = pagePolicy(randomBytes(16).toString('base64'), formTargets);
  request.headers['content-security-policy'] = policy;
  response.setHeader('content-security-policy', policy);
}
