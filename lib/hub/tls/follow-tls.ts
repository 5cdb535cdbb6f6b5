import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { Server as HttpsServer } from 'node:https';
import type { Server } from 'node:net';
import type { HubConfig } from '../../config/hub-config.ts';
import { type LoadedTls, loadTls } from './load-tls.ts';

const renewEveryMillis = 12 * 3_600_000;
const lookEveryMillis = 1000;
const dayMillis = 86_400_000;
const warnWithinDays = 14;

export interface TlsFollower {
  /** What new connections get from now on. Rejects when it cannot be loaded, or is no pair. */
  readonly load: () => Promise<LoadedTls>;
  readonly apply: (tls: LoadedTls) => void;
  readonly log: (line: string) => void;
}

/** Says when a certificate ends soon or ended; null while there is time. */
export function endsSoon(certificate: string, nowMillis: number): string | null {
  const { validTo } = new X509Certificate(certificate);
  const daysLeft = (Date.parse(validTo) - nowMillis) / dayMillis;
  const at = new Date(validTo).toISOString();
  if (daysLeft < 0) return `the certificate ended at ${at}: browsers and agents refuse it`;
  return daysLeft < warnWithinDays ? `the certificate ends at ${at}: renew it` : null;
}

/**
 * What tells one state of the files from another. Through symbolic links, since certbot and Kubernetes swap those;
 * files that cannot be looked at are a state too.
 */
async function signatureOf(paths: readonly string[]): Promise<string> {
  const parts = paths.map(async (path) => {
    const found = await stat(path).catch(() => null);
    return found === null ? 'none' : `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  });
  return (await Promise.all(parts)).join('\n');
}

/**
 * Looks at given files every second and loads them anew once they changed and then stayed the same for a look, so that
 * a renewal that writes one after the other is taken as a whole. What cannot be used changes nothing, and is said once.
 * Returns what ends it.
 */
export function followFiles(paths: readonly string[], follower: TlsFollower): () => void {
  let inUse: string | null = null;
  let last: string | null = null;
  let looking = false;
  const take = async (signature: string): Promise<void> => {
    inUse = signature;
    try {
      follower.apply(await follower.load());
      follower.log('the certificate and its key changed and are in use for new connections');
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      follower.log(`the changed certificate cannot be used, the one before stays: ${why}`);
    }
  };
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const signature = await signatureOf(paths);
      inUse ??= signature;
      if (signature === last && signature !== inUse) await take(signature);
      last = signature;
    } finally {
      looking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), lookEveryMillis).unref();
  return () => clearInterval(timer);
}

/** Keeps a server's certificate as it should be: given files as they change, the hub's own before it ends. */
export function followTls(
  server: Server,
  config: HubConfig,
  { log, changed }: { readonly log: (line: string) => void; readonly changed: (tls: LoadedTls) => void },
): () => void {
  const load = async (): Promise<LoadedTls> => {
    const tls = await loadTls(config, { nowMillis: Date.now(), log });
    if (tls === null) throw new Error('no TLS');
    return tls;
  };
  const apply = (tls: LoadedTls): void => {
    if (server instanceof HttpsServer) server.setSecureContext({ cert: tls.cert, key: tls.key });
    changed(tls);
    const warning = endsSoon(tls.cert, Date.now());
    if (warning !== null) log(warning);
  };
  const { tls } = config;
  if (tls.kind === 'none') return () => undefined;
  const unfollow =
    tls.kind === 'files' ? followFiles([tls.certFile, tls.keyFile], { load, apply, log }) : () => undefined;
  const failed = (error: unknown) => log(`could not renew the certificate: ${String(error)}`);
  const renew = () => void load().then(apply).catch(failed);
  const timer = setInterval(renew, renewEveryMillis).unref();
  return () => {
    unfollow();
    clearInterval(timer);
  };
}
