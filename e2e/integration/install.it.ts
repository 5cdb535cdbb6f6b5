import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentsView, HostDetail, HostSummary, Page, Rollout } from '../../lib/model/index.ts';
import { type DebianRoot, startDebianRoot } from './support/debian-root.ts';
import { root } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { send } from './support/pusher.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
let debian: DebianRoot | string = '';
let hub: TestHub;
let adminToken = '';
/** What the hub gives to hosts; another build is put in its place. */
let agentFile = '';
let builds = '';

beforeAll(async () => {
  debian = await startDebianRoot(cleanup);
  if (typeof debian === 'string') return;
  builds = temporaryFolder(cleanup, 'builds');
  agentFile = join(builds, 'offered.mjs');
  copyFileSync(join(root, 'dist/agent/gpufleet-agent.mjs'), agentFile);
  hub = await startTestHub(cleanup, {
    tlsAuto: true,
    options: ['--agent-file', agentFile, '--interval', '1s', '--watched-interval', '1s'],
  });
  [adminToken, token, keyPin] = await Promise.all([hub.apiToken('admin'), hub.enrollmentToken(), pin()]);
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
}, 900_000);
afterAll(() => cleanup.run());

const there = (): DebianRoot => {
  if (typeof debian === 'string') throw new Error(debian);
  return debian;
};

async function post<T>(path: string, body: object): Promise<T> {
  const answer = await send(`${hub.url}${path}`, {
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as T;
}

let token = '';
let keyPin = '';
const pin = () => {
  const script = `openssl s_client -connect 127.0.0.1:${hub.port} </dev/null 2>/dev/null | openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`;
  return mustRun(['sh', '-c', script]);
};
const fingerprint = (): string => {
  const pem = readFileSync(join(hub.dataFolder, 'tls/ca.pem'), 'utf8');
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
};
/** The command of the hub's page, with more words behind. */
const command = (words: string): string =>
  `curl -fsSk --pinnedpubkey 'sha256//${keyPin}' ${hub.url}/install.sh | sh -s -- ${words}`;
const install = async (words: string) => there().shell(command(words), { seconds: 120 });
const fresh = (): string =>
  `--hub ${hub.url} --ca-fingerprint ${fingerprint()} --token ${token} --supervisor none`;

async function host(): Promise<HostDetail> {
  const { items } = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
  const [found] = items.filter(({ hostname }) => hostname === 'debian-root');
  if (found === undefined || !found.current) throw new Error('it does not report');
  return hub.getJson<HostDetail>(`/api/v1/hosts/${found.id}`);
}
const rollout = async (): Promise<Rollout> => {
  const { rollouts } = await hub.getJson<AgentsView>('/api/v1/agents');
  if (rollouts[0] === undefined) throw new Error('there is no rollout');
  return rollouts[0];
};
/** Prints the pids of the processes there whose command line has the word; this small Debian has no pgrep. */
const pids = (word: string): string =>
  `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q '[${word[0]}]${word.slice(1)}' && echo \${p#/proc/}; done`;
const ofAgent = pids('gpufleet-agent.mjs');
/** Another build in the place of the one that the hub gives. */
async function offer(version: string): Promise<void> {
  const out = join(builds, version);
  await mustRun([process.execPath, 'scripts/build-agent.ts', '--version', version, '--out', out], {
    cwd: root,
  });
  copyFileSync(join(out, 'gpufleet-agent.mjs'), agentFile);
}

describe('an agent installed by the hub’s script in a Debian', () => {
  const options = '--nvidia-smi /player/nvidia-smi --interval 1s';
  let hostId = '';

  test('refuses in one line what cannot work, and leaves nothing behind', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    const line = async (setUp: string, words: string) => {
      const { code, stderr } = await there().shell(`${setUp}; ${command(words)}`);
      expect(code, stderr).not.toBe(0);
      return stderr.trim();
    };
    const asNobody = await there().shell(
      `setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "${command(fresh())}"`,
    );
    expect(asNobody.stderr).toContain('needs root to install');
    expect(await line(':', '--hub http://127.0.0.1:1 --token gfe_x --supervisor none')).toContain(
      'could not fetch http://127.0.0.1:1/agent/uninstall.sh: is the hub reachable',
    );
    expect(await line(':', `${fresh()} --access everything`)).toContain('none of gpu, containers');
    expect(await line(':', fresh().replace('none', 'systemd'))).toContain('systemd does not run here');
    expect(await line(':', `${fresh()} --access containers`)).toContain('there is no group docker here');
    const uname =
      'mkdir -p /fake; printf "#!/bin/sh\\n[ \\$1 = -m ] && echo riscv64 || echo Linux\\n" >/fake/uname';
    expect(await line(`${uname}; chmod 755 /fake/uname; PATH=/fake:$PATH`, fresh())).toContain(
      'this host is riscv64, and the hub has Node for',
    );
    const musl = 'touch /lib/ld-musl-x86_64.so.1; trap "rm /lib/ld-musl-x86_64.so.1" EXIT';
    expect(await line(musl, fresh())).toContain('apk add nodejs');
    // The script names the sum of the file as it was when it was fetched.
    const script = await mustRun(['curl', '-fsSk', `${hub.url}/install.sh`]);
    const before = readFileSync(agentFile);
    writeFileSync(agentFile, Buffer.concat([before, Buffer.from('// changed on the way\n')]));
    const damaged = await there().shell(`rm -f /opt/gpufleet-agent/gpufleet-agent.mjs; sh -s -- ${fresh()}`, {
      input: script,
    });
    writeFileSync(agentFile, before);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain('is not what this script names');
    await there().shell('rm -rf /fake /opt/gpufleet-agent /etc/gpufleet-agent');
    expect((await there().shell('getent passwd gpufleet-agent')).code).toBe(2);
  });

  test('reports, as a user of its own', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    const { code, stderr } = await install(`${fresh()} ${options}`);
    expect(code, stderr).toBe(0);
    const found = await eventually(
      async () => {
        const now = await host();
        return now.state === 'starting' ? null : now;
      },
      { what: 'the installed agent' },
    );
    hostId = found.id;
    expect(found).toMatchObject({ state: 'ok', hostname: 'debian-root' });
    expect(found.gpus.map(({ name }) => name)).toEqual(['Tesla T4']);
    expect(found.agent?.code).toMatchObject({ canUpgrade: true, access: 'gpu', upgrade: null });
    const users = await there().shell(`stat -c %U /proc/$(${ofAgent})`);
    expect(users.stdout.trim()).toBe('gpufleet-agent');
    // No more than it needs, and nobody else reads its token.
    const status = await there().shell(`cat /proc/$(${ofAgent})/status`);
    expect(status.stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(Number.parseInt(/^CapBnd:\s+(\S+)$/m.exec(status.stdout)?.[1] ?? '', 16)).toBe(2 ** 34);
    expect((await there().shell('stat -c %a:%U:%G /etc/gpufleet-agent/token')).stdout.trim()).toBe(
      '640:root:gpufleet-agent',
    );
  });

  test('survives its own kill', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    const before = await host();
    await there().shell(`kill -9 $(${ofAgent})`);
    const after = await eventually(
      async () => {
        const now = await host();
        return now.agent?.startedAt !== before.agent?.startedAt ? now : null;
      },
      { what: 'the agent again' },
    );
    expect(after.id).toBe(hostId);
  });

  test('is upgraded when an administrator asks', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    await offer('9.0.1');
    const begun = await post<Rollout>('/api/v1/agent-rollouts', { trialSeconds: 60 });
    expect(begun.hosts).toMatchObject([{ hostId, batch: 0, state: 'waiting' }]);
    const ended = await eventually(async () => {
      const now = await rollout();
      return now.state === 'running' ? null : now;
    });
    expect(ended).toMatchObject({ state: 'done', version: '9.0.1', hosts: [{ state: 'done' }] });
    const now = await host();
    expect(now).toMatchObject({ id: hostId, agent: { version: '9.0.1', code: { sha256: ended.sha256 } } });
    const { agents } = await hub.getJson<AgentsView>('/api/v1/agents');
    expect(agents).toMatchObject([{ hostId, isCurrent: true, version: '9.0.1' }]);
    // Also after it is started anew.
    await there().shell(`kill -9 $(${ofAgent})`);
    await eventually(async () => (await host()).agent?.startedAt !== now.agent?.startedAt);
    expect((await host()).agent?.version).toBe('9.0.1');
  });

  test('goes back by itself from one that never reports, and the upgrade stops', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    writeFileSync(agentFile, '#!/usr/bin/env node\n// gpufleet-agent 9.0.2\nfor (;;);\n');
    await post<Rollout>('/api/v1/agent-rollouts', { trialSeconds: 5 });
    const ended = await eventually(
      async () => {
        const now = await rollout();
        return now.state === 'running' ? null : now;
      },
      { seconds: 60 },
    );
    expect(ended).toMatchObject({ state: 'failed', version: '9.0.2', hosts: [{ state: 'failed' }] });
    expect(ended.why).toContain('went back to 9.0.1: no report was accepted within 5 s');
    const back = await eventually(async () => {
      const now = await host();
      return now.state === 'ok' ? now : null;
    });
    expect(back).toMatchObject({ id: hostId, agent: { version: '9.0.1' } });
  });

  test('the command again is an upgrade, of the same host', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    await offer('9.0.3');
    const { code, stderr } = await install(options);
    expect(code, stderr).toBe(0);
    const now = await eventually(async () => {
      const found = await host();
      return found.agent?.version === '9.0.3' ? found : null;
    });
    expect(now.id).toBe(hostId);
    expect((await there().shell(ofAgent)).stdout.trim()).toMatch(/^\d+$/);
  });

  test('is gone after --uninstall', async ({ skip }) => {
    if (typeof debian === 'string') skip(debian);
    const { code, stderr } = await install('--uninstall');
    expect(code, stderr).toBe(0);
    expect((await there().shell(pids('gpufleet-agent'))).stdout).toBe('');
    for (const path of [
      'opt/gpufleet-agent',
      'etc/gpufleet-agent',
      'var/lib/gpufleet-agent',
      'run/gpufleet-agent.pid',
    ])
      expect(existsSync(join(there().path, path)), path).toBe(false);
    expect((await there().shell('getent passwd gpufleet-agent gpufleet-docker')).stdout).toBe('');
    const left = await there().shell(
      'find / -xdev -name "*gpufleet*" -not -path "/checkout/*" -not -path "/proc/*"',
    );
    expect(left.stdout).toBe('');
  });
});
