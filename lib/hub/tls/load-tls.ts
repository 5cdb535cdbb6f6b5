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

/** When it is, and where what is worth a line in the hub's log goes. */
export interface TlsSurroundings {
  readonly nowMillis: number;
  readonly log: (line: string) => void;
}

const isSignedBy = (certificate: X509Certificate, authority: string): boolean =>
  certificate.verify(new X509Certificate(authority).publicKey);

const isKeyOf = (key: string, certificate: string): boolean =>
  new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));

function needsReissue(
  server: KeyPair,
  authority: KeyPair,
  wanted: { names: readonly string[]; nowMillis: number },
) {
  const parsed = new X509Certificate(server.certificate);
  const has = (name: string) =>
    (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined;
  return (
    Date.parse(parsed.validTo) - wanted.nowMillis <= renewWithinMillis ||
    !wanted.names.every(has) ||
    !isSignedBy(parsed, authority.certificate)
  );
}

/** What agents pin must not change silently, so an authority without its key is not replaced. */
function withoutAuthorityKey(
  folder: string,
  kept: { ca: string; server: KeyPair | null },
  at: TlsSurroundings,
) {
  const { ca, server } = kept;
  const trouble =
    `${join(folder, 'ca-key.pem')} is missing or not the key of ca.pem, so the hub's certificate cannot be renewed. ` +
    `Put the key back, or remove ${folder} to begin with a new authority and add the hosts again`;
  const parsed = server === null ? null : new X509Certificate(server.certificate);
  if (
    server === null ||
    parsed === null ||
    !isSignedBy(parsed, ca) ||
    Date.parse(parsed.validTo) <= at.nowMillis
  )
    throw new Error(`${trouble}.`);
  at.log(`${trouble} before it ends on ${new Date(parsed.validTo).toISOString()}.`);
  return server;
}

async function newAuthority(folder: string, hadServer: boolean, at: TlsSurroundings): Promise<KeyPair> {
  const authority = await makeAuthority(at.nowMillis);
  await writePair(folder, 'ca', authority);
  if (hadServer)
    at.log(`${join(folder, 'ca.pem')} was missing: the hub made a new authority, so add its hosts again.`);
  return authority;
}

/**
 * The hub's own authority and a server certificate by it, made where missing, old, for other names, or by another
 * authority. Rejects with an Error, one line for a person, when the authority's key is lost and nothing valid is left.
 */
export async function loadOwnTls(
  dataFolder: string,
  names: readonly string[],
  at: TlsSurroundings,
): Promise<LoadedTls> {
  const folder = join(dataFolder, 'tls');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { nowMillis } = at;
  let server = await readPair(folder, 'server');
  const ca = await readText(join(folder, 'ca.pem'));
  const caKey = await readText(join(folder, 'ca-key.pem'));
  if (ca !== null && (caKey === null || !isKeyOf(caKey, ca)))
    return toLoaded(withoutAuthorityKey(folder, { ca, server }, at), ca);
  const authority =
    ca === null || caKey === null
      ? await newAuthority(folder, server !== null, at)
      : { certificate: ca, key: caKey };
  if (server === null || needsReissue(server, authority, { names, nowMillis })) {
    server = await makeServerCertificate({ authority, names, key: server?.key ?? null, nowMillis });
    await writePair(folder, 'server', server);
  }
  return toLoaded(server, authority.certificate);
}

const toLoaded = (server: KeyPair, authority: string): LoadedTls => ({
  cert: `${server.certificate.trim()}\n${authority.trim()}\n`,
  key: server.key,
  caFingerprint: `sha256:${sha256(new X509Certificate(authority).raw, 'hex')}`,
  caCertificate: `${authority.trim()}\n`,
  keyPin: pinOf(server.key),
});

/** Null without TLS. Rejects with an Error whose message names the file that cannot be used. */
export async function loadTls(config: HubConfig, at: TlsSurroundings): Promise<LoadedTls | null> {
  const { tls } = config;
  if (tls.kind === 'none') return null;
  if (tls.kind === 'auto')
    return loadOwnTls(config.dataFolder, certificateNames(config.publicUrl, config.host), at);
  const cert = await readFile(tls.certFile, 'utf8');
  const key = await readFile(tls.keyFile, 'utf8');
  const certificate = parsedAs(`${tls.certFile} is not a certificate in PEM`, () => wholeChain(cert));
  const privateKey = parsedAs(`${tls.keyFile} is not a private key in PEM`, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(`${tls.keyFile} is not the key of ${tls.certFile}`);
  return { cert, key, caFingerprint: null, caCertificate: null, keyPin: pinOf(key) };
}

/** The first of a chain whose every part is whole: OpenSSL leaves out a last one that was cut off. */
function wholeChain(pem: string): X509Certificate {
  const whole = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)];
  const [first] = whole
    .filter(([, kind]) => kind === 'CERTIFICATE')
    .map(([block]) => new X509Certificate(block));
  if (first === undefined || whole.length !== pem.split('-----BEGIN').length - 1) throw new Error('cut off');
  return first;
}

/** OpenSSL's words name no file. */
function parsedAs<T>(otherwise: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(otherwise, { cause: error });
  }
}
