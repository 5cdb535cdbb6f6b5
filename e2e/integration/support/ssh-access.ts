import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAccess } from '../../../agents/access/host-access.ts';
import { parseAddress, resolveTargets } from '../../../agents/access/ssh/index.ts';
import { createCollector } from '../../../agents/collect/index.ts';
import type { SshServer } from './ssh-server.ts';
import { eventually } from './temporary.ts';

interface Login {
  /** Where its known_hosts file is written, and what stands for the home of who logs in. */
  readonly folder: string;
  /** Path of a private key that the server takes. */
  readonly key: string;
  readonly user?: string;
  readonly host?: string;
}

/** A server as a connection wants it, by the same road as the command; only its own host key is trusted. */
export function targetsOf(server: SshServer, login: Login): ReturnType<typeof resolveTargets> {
  const { folder, key, user = server.user, host = '127.0.0.1' } = login;
  const known = join(folder, `known-${server.port}`);
  writeFileSync(known, `${server.knownHostsLine.replace('127.0.0.1', host)}\n`);
  return resolveTargets(parseAddress(`${user}@${host}:${server.port}`)!, {
    home: folder,
    user,
    keyFile: key,
    knownHostsFile: known,
    passphrase: null,
    agentSocket: null,
  });
}

/** What an opening rejects with; one that succeeds is a failure of the test. */
export const rejectionOf = (
  opening: Promise<unknown>,
): Promise<{ condition: string; message: string; fingerprint: string | null }> =>
  opening.then(
    () => Promise.reject(new Error('it was let in')),
    (error) => error,
  );

/** Neither gone nor a zombie. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** What a collector tells of a host once each of its sources has answered. */
export async function settledReading(access: HostAccess, nvidiaSmiPath: string) {
  const collector = createCollector(access, {
    intervalSeconds: 1,
    nvidiaSmiPath,
    dockerSocketPath: null,
    kernelLog: null,
  });
  const sampled = new Promise<void>((resolve) => collector.onSample(() => resolve()));
  await collector.start();
  await sampled;
  // pmon answers in its own time, and what it says is compared too.
  await eventually(() => !JSON.stringify(collector.snapshot()).includes('pmon has not answered yet'), {
    seconds: 10,
    what: 'pmon to answer',
  });
  const reading = collector.snapshot();
  await collector.stop();
  return reading;
}

/** Without when and how long: those are the collection's own. */
export const withoutTimes = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, each) =>
      /(?:At|Seconds|^time)$/.test(name) && name !== 'intervalSeconds' ? undefined : each,
    ),
  );
