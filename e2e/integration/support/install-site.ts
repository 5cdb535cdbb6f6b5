import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostDetail, HostSummary, Page } from '../../../lib/model/index.ts';
import { type DebianRoot, startDebianRoot } from './debian-root.ts';
import { root } from './played-agent.ts';
import { mustRun } from './programs.ts';
import { send } from './pusher.ts';
import { type Cleanup, temporaryFolder } from './temporary.ts';
import { startTestHub, type TestHub } from './test-hub.ts';

/** A Debian on whose nvidia-smi a T4 is played, and a hub that installs its agent there. */
export interface InstallSite {
  readonly debian: DebianRoot;
  readonly hub: TestHub;
  /** What the hub gives to hosts; another build is put in its place. */
  readonly agentFile: string;
  readonly token: string;
  /** The words that a first install has, but for the token. */
  readonly words: string;
  /** The same with the token. */
  readonly fresh: string;
  /** The command of the hub's page, with more words behind. */
  command(words: string): string;
  install(words: string): ReturnType<DebianRoot['shell']>;
  post<T>(path: string, body: object): Promise<T>;
  /** Rejects when it does not report, so also while it is paused. */
  host(): Promise<HostDetail>;
  /** Also when nothing current is known of it. */
  shown(): Promise<HostDetail>;
}

/** Prints the pids of the processes there whose command line has the word; this small Debian has no pgrep. */
export const pids = (word: string): string =>
  `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q '[${word[0]}]${word.slice(1)}' && echo \${p#/proc/}; done`;

function fingerprintOf(hub: TestHub): string {
  const pem = readFileSync(join(hub.dataFolder, 'tls/ca.pem'), 'utf8');
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}

function playGpu(debian: DebianRoot): void {
  mkdirSync(join(debian.path, 'player'));
  writeFileSync(
    join(debian.path, 'player/player.json'),
    JSON.stringify({ recording: '/checkout/agents/access/simulated/hosts/t4-cloud' }),
  );
  writeFileSync(
    join(debian.path, 'player/nvidia-smi'),
    '#!/bin/sh\nexec /checkout/node_modules/node/bin/node /checkout/bin/nvidia-smi-player.js --player /player/player.json "$@"\n',
    { mode: 0o755 },
  );
}

/** The site where there is one: throws where something is missing for it. */
export function siteOf(found: InstallSite | string): InstallSite {
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** A string says what is missing for it. */
export async function startInstallSite(cleanup: Cleanup): Promise<InstallSite | string> {
  const debian = await startDebianRoot(cleanup);
  if (typeof debian === 'string') return debian;
  const agentFile = join(temporaryFolder(cleanup, 'offered'), 'offered.mjs');
  copyFileSync(join(root, 'dist/agent/gpufleet-agent.mjs'), agentFile);
  const hub = await startTestHub(cleanup, {
    tlsAuto: true,
    options: ['--agent-file', agentFile, '--interval', '1s', '--watched-interval', '1s'],
  });
  const pin = `openssl s_client -connect 127.0.0.1:${hub.port} </dev/null 2>/dev/null | openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`;
  const [adminToken, token, keyPin] = await Promise.all([
    hub.apiToken('admin'),
    hub.enrollmentToken(),
    mustRun(['sh', '-c', pin]),
  ]);
  playGpu(debian);
  const command = (words: string) =>
    `curl -fsSk --pinnedpubkey 'sha256//${keyPin}' ${hub.url}/install.sh | sh -s -- ${words}`;
  const words = `--hub ${hub.url} --ca-fingerprint ${fingerprintOf(hub)} --supervisor none`;
  const shown = async (): Promise<HostDetail> => {
    const { items } = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
    const [found] = items.filter(({ hostname }) => hostname === 'debian-root');
    if (found === undefined) throw new Error('the hub does not know it');
    return hub.getJson<HostDetail>(`/api/v1/hosts/${found.id}`);
  };
  return {
    debian,
    hub,
    agentFile,
    token,
    words,
    fresh: `${words} --token ${token}`,
    command,
    install: (more) => debian.shell(command(more), { seconds: 120 }),
    async post<T>(path: string, body: object): Promise<T> {
      const answer = await send(`${hub.url}${path}`, {
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
      return JSON.parse(answer.body) as T;
    },
    shown,
    async host() {
      const now = await shown();
      if (!now.current) throw new Error('it does not report');
      return now;
    },
  };
}
