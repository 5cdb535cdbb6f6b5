import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { HubConfig } from '../../config/hub-config.ts';
import { type KeyPair, makeAuthority, makeServerCertificate } from './authority.ts';
import { certificateNames } from './own-names.ts';

const renewWithinMillis = 60 * 86_400_000;

/** What the server speaks TLS with. */
export interface LoadedTls {
  /** Server certificate, then its authority's, PEM. */
  readonly cert: string;
  readonly key: string;
  /** `sha256:<hex>` of the hub's own authority; null for a certificate that was given. */
  readonly caFingerprint: string | null;
  /** The hub's own authority in PEM, for agents; null for a certificate that was given. */
  readonly caCertificate: string | null;
  /** SHA-256 of the key's SPKI in base64. */
  readonly keyPin: string;
}

const sha256 = (data: Buffer, encoding: 'hex' | 'base64') =>
  createHash('sha256').update(data).digest(encoding);

const pinOf = (key: string): string =>
  sha256(createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' }), 'base64');

const readText = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

/** Whole or not at all, readable by its owner only. */
async function writePrivate(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  await writeFile(next, text, { mode: 0o600 });
  await rename(next, path);
}

async function readPair(folder: string, name: string): Promise<KeyPair | null> {
  const key = await readText(join(folder, `${name}-key.pem`));
  const certificate = await readText(join(folder, `${name}.pem`));
  return key === null || certificate === null ? null : { key, certificate };
}

async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writePrivate(join(folder, `${name}-key.pem`), pair.key);
  await writePrivate(join(folder, `${name}.pem`), pair.certificate);
}

function isGoodFor(certificate: string, names: readonly string[], nowMillis: number): boolean {
  const parsed = new X509Certificate(certificate);
  const endsMillis = Date.parse(parsed.validTo);
  const has = (name: string) =>
    (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined;
  return endsMillis - nowMillis > renewWithinMillis && names.every(has);
}

/** The hub's own authority and a server certificate by it, made where missing, old, or for other names. */
export async function loadOwnTls(
  dataFolder: string,
  names: readonly string[],
  nowMillis: number,
): Promise<LoadedTls> {
  const folder = join(dataFolder, 'tls');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let authority = await readPair(folder, 'ca');
  if (authority === null) {
    authority = await makeAuthority(nowMillis);
    await writePair(folder, 'ca', authority);
  }
  let server = await readPair(folder, 'server');
  if (server === null || !isGoodFor(server.certificate, names, nowMillis)) {
    server = await makeServerCertificate({ authority, names, key: server?.key ?? null, nowMillis });
    await writePair(folder, 'server', server);
  }
  return {
    cert: `${server.certificate.trim()}\n${authority.certificate.trim()}\n`,
    key: server.key,
    caFingerprint: `sha256:${sha256(new X509Certificate(authority.certificate).raw, 'hex')}`,
    caCertificate: `${authority.certificate.trim()}\n`,
    keyPin: pinOf(server.key),
  };
}

/** Null without TLS. Rejects with an Error whose message names the file that cannot be used. */
export async function loadTls(config: HubConfig, nowMillis: number): Promise<LoadedTls | null> {
  const { tls } = config;
  if (tls.kind === 'none') return null;
  if (tls.kind === 'auto')
    return loadOwnTls(config.dataFolder, certificateNames(config.publicUrl, config.host), nowMillis);
  const cert = await readFile(tls.certFile, 'utf8');
  const key = await readFile(tls.keyFile, 'utf8');
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error(`${tls.keyFile} is not the key of ${tls.certFile}`);
  return { cert, key, caFingerprint: null, caCertificate: null, keyPin: pinOf(key) };
}
