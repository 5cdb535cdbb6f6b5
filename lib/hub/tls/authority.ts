import 'reflect-metadata'; // @peculiar/x509 does not load without it
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMillis = 86_400_000;
const authorityDays = 3650;
const serverCertificateDays = 365;
/** Clocks of hosts may lag. */
const backdatedMillis = dayMillis;

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

type Keys = Awaited<ReturnType<typeof newKeys>>;

async function newKeys() {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function keyPem(keys: Keys): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

/** Both halves of a private key in PEM. */
async function readKeys(pem: string): Promise<Keys> {
  const [der] = PemConverter.decode(pem);
  if (der === undefined) throw new Error('no key in PEM');
  const privateKey = await crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
  const spki = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'der' });
  const publicKey = await crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
  return { privateKey, publicKey };
}

/** The hub's own authority: it signs one server certificate after another, and is what agents pin. */
export async function makeAuthority(nowMillis: number): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=gpufleet hub authority',
    notBefore: new Date(nowMillis - backdatedMillis),
    notAfter: new Date(nowMillis + authorityDays * dayMillis),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyPem(keys) };
}

const alternativeName = (name: string) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }) as const;

export interface ServerRequest {
  readonly authority: KeyPair;
  /** Host names and addresses under which the hub is reached. */
  readonly names: readonly string[];
  /** Kept over renewals, because commands that add a host pin it; null makes one. */
  readonly key: string | null;
  readonly nowMillis: number;
}

/** A server certificate for a year, signed by the authority. */
export async function makeServerCertificate(request: ServerRequest): Promise<KeyPair> {
  const { authority, names, nowMillis } = request;
  const keys = request.key === null ? await newKeys() : await readKeys(request.key);
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = (await readKeys(authority.key)).privateKey;
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=gpufleet hub',
    issuer: issuer.subject,
    notBefore: new Date(nowMillis - backdatedMillis),
    notAfter: new Date(nowMillis + serverCertificateDays * dayMillis),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(alternativeName)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: request.key ?? (await keyPem(keys)) };
}
