import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate } from 'node:tls';

const longestChain = 10;

/**
 * Fetches the hub's certificate chain and takes from it the one authority whose SHA-256 is pinned; every request that
 * carries anything is then checked against that authority alone. Rejects with one line for a person.
 */
export function fetchPinnedAuthority(
  hub: URL,
  fingerprint: string,
  deadlineSeconds: number,
): Promise<string> {
  const { connect } = process.getBuiltinModule('node:tls');
  return new Promise((resolve, reject) => {
    const host = hub.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = hub.port === '' ? 443 : Number(hub.port);
    // Nothing is sent on this connection, and nothing it says is believed but the certificate with the fingerprint.
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      work();
    };
    const fail = (message: string): void => settle(() => reject(new Error(message)));
    const timer = setTimeout(
      () => fail(`${hub.host} did not answer within ${deadlineSeconds} s`),
      deadlineSeconds * 1000,
    );
    socket.once('error', (error) => fail(error.message));
    socket.once('secureConnect', () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      const pinned = chain.find((raw) => fingerprintOf(raw) === fingerprint);
      if (pinned !== undefined) return settle(() => resolve(new X509Certificate(pinned).toString()));
      const seen = chain.map((raw) => `sha256:${fingerprintOf(raw)}`).join(', ');
      fail(`${hub.host} shows no certificate with the fingerprint of --ca-fingerprint; it shows ${seen}`);
    });
  });
}

function chainOf(leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: DetailedPeerCertificate | undefined = leaf;
  while (certificate?.raw !== undefined && chain.length < longestChain) {
    chain.push(certificate.raw);
    const { issuerCertificate }: DetailedPeerCertificate = certificate;
    if (issuerCertificate === certificate) break;
    certificate = issuerCertificate;
  }
  return chain;
}

const fingerprintOf = (raw: Buffer): string =>
  new X509Certificate(raw).fingerprint256.replaceAll(':', '').toLowerCase();
