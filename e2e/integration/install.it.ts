import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentsView, Rollout } from '../../lib/model/index.ts';
import type { DebianRoot } from './support/debian-root.ts';
import { type InstallSite, pids, siteOf, startInstallSite } from './support/install-site.ts';
import { root } from './support/played-agent.ts';
import { mustRun } from './support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';

const cleanup = new Cleanup();
let found: InstallSite | string = '';
let builds = '';

beforeAll(async () => {
  found = await startInstallSite(cleanup);
  builds = temporaryFolder(cleanup, 'builds');
}, 900_000);
afterAll(() => cleanup.run());

const site = (): InstallSite => siteOf(found);
const shell: DebianRoot['shell'] = (...words) => site().debian.shell(...words);
const install = (words: string) => site().install(words);
const host = () => site().host();
const rollout = async (): Promise<Rollout> => {
  const { rollouts } = await site().hub.getJson<AgentsView>('/api/v1/agents');
  if (rollouts[0] === undefined) throw new Error('there is no rollout');
  return rollouts[0];
};
const ofAgent = pids('gpufleet-agent.mjs');
/** Another build in the place of the one that the hub gives. */
async function offer(version: string): Promise<void> {
  const out = join(builds, version);
  await mustRun([process.execPath, 'scripts/build-agent.ts', '--version', version, '--out', out], {
    cwd: root,
  });
  copyFileSync(join(out, 'gpufleet-agent.mjs'), site().agentFile);
}

describe('an agent installed by the hub’s script in a Debian', () => {
  const options = '--nvidia-smi /player/nvidia-smi --interval 1s';
  const hostId = randomUUID();

  test('refuses in one line what cannot work, and leaves nothing behind', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const line = async (setUp: string, words: string) => {
      const { code, stderr } = await shell(`${setUp}; ${site().command(words)}`);
      expect(code, stderr).not.toBe(0);
      return stderr.trim();
    };
    const asNobody = await shell(
      `setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "${site().command(site().fresh)}"`,
    );
    expect(asNobody.stderr).toContain('needs root to install');
    expect(await line(':', '--hub http://127.0.0.1:1 --token gfe_x --supervisor none')).toContain(
      'could not fetch http://127.0.0.1:1/agent/uninstall.sh: is the hub reachable',
    );
    expect(await line(':', `${site().fresh} --access everything`)).toContain('none of gpu, containers');
    expect(await line(':', site().fresh.replace('none', 'systemd'))).toContain('systemd does not run here');
    expect(await line(':', `${site().fresh} --access containers`)).toContain('there is no group docker here');
    const uname =
      'mkdir -p /fake; printf "#!/bin/sh\\n[ \\$1 = -m ] && echo riscv64 || echo Linux\\n" >/fake/uname';
    expect(await line(`${uname}; chmod 755 /fake/uname; PATH=/fake:$PATH`, site().fresh)).toContain(
      'this host is riscv64, and the hub has Node for',
    );
    const musl = 'touch /lib/ld-musl-x86_64.so.1; trap "rm /lib/ld-musl-x86_64.so.1" EXIT';
    expect(await line(musl, site().fresh)).toContain('apk add nodejs');
    // The script names the sum of the file as it was when it was fetched.
    const script = await mustRun(['curl', '-fsSk', `${site().hub.url}/install.sh`]);
    const before = readFileSync(site().agentFile);
    writeFileSync(site().agentFile, Buffer.concat([before, Buffer.from('// changed on the way\n')]));
    const damaged = await shell(`rm -f /opt/gpufleet-agent/gpufleet-agent.mjs; sh -s -- ${site().fresh}`, {
      input: script,
    });
    writeFileSync(site().agentFile, before);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain('is not what this script names');
    await shell('rm -rf /fake /opt/gpufleet-agent /etc/gpufleet-agent');
    expect((await shell('getent passwd gpufleet-agent')).code).toBe(2);
  });

  test('reports, as a user of its own', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    // What an agent that was taken over may have left: its folder is its own, and root writes there.
    await shell('mkdir /var/lib/gpufleet-agent && ln -s /etc/victim /var/lib/gpufleet-agent/host.json');
    const { code, stderr } = await install(`${site().fresh} --host-id ${hostId} ${options}`);
    expect(code, stderr).toBe(0);
    expect(existsSync(join(site().debian.path, 'etc/victim'))).toBe(false);
    const now = await eventually(
      async () => {
        const seen = await host();
        return seen.state === 'starting' ? null : seen;
      },
      { what: 'the installed agent' },
    );
    expect(now).toMatchObject({ id: hostId, state: 'ok', hostname: 'debian-root' });
    expect(now.gpus.map(({ name }) => name)).toEqual(['Tesla T4']);
    expect(now.agent?.code).toMatchObject({ canUpgrade: true, access: 'gpu', upgrade: null });
    const users = await shell(`stat -c %U /proc/$(${ofAgent})`);
    expect(users.stdout.trim()).toBe('gpufleet-agent');
    // No more than it needs, and nobody else reads its token.
    const status = await shell(`cat /proc/$(${ofAgent})/status`);
    expect(status.stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(Number.parseInt(/^CapBnd:\s+(\S+)$/m.exec(status.stdout)?.[1] ?? '', 16)).toBe(2 ** 34);
    expect((await shell('stat -c %a:%U:%G /etc/gpufleet-agent/token')).stdout.trim()).toBe(
      '640:root:gpufleet-agent',
    );
  });

  test('survives its own kill', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const before = await host();
    await shell(`kill -9 $(${ofAgent})`);
    const after = await eventually(
      async () => {
        const now = await host();
        return now.agent?.startedAt !== before.agent?.startedAt ? now : null;
      },
      { what: 'the agent again' },
    );
    expect(after.id).toBe(hostId);
  });

  test('tried in the foreground, another is left as it is', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const installed = 'cd /opt/gpufleet-agent && stat -c "%n %a" * && sha256sum *';
    const before = await shell(installed);
    const build = readFileSync(site().agentFile);
    writeFileSync(site().agentFile, Buffer.concat([build, Buffer.from('// another build\n')]));
    const tried = await install(`${site().fresh} --foreground --once --stdout --no-docker`);
    writeFileSync(site().agentFile, build);
    expect(tried.code, tried.stderr).toBe(0);
    expect(JSON.parse(tried.stdout)).toHaveProperty('reports');
    expect((await shell(installed)).stdout).toBe(before.stdout);
    await shell('rm -r /root/.local');
  });

  test('is upgraded when an administrator asks', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    await offer('9.0.1');
    const begun = await site().post<Rollout>('/api/v1/agent-rollouts', { trialSeconds: 60 });
    expect(begun.hosts).toMatchObject([{ hostId, batch: 0, state: 'waiting' }]);
    const ended = await eventually(async () => {
      const now = await rollout();
      return now.state === 'running' ? null : now;
    });
    expect(ended).toMatchObject({ state: 'done', version: '9.0.1', hosts: [{ state: 'done' }] });
    const now = await host();
    expect(now).toMatchObject({ id: hostId, agent: { version: '9.0.1', code: { sha256: ended.sha256 } } });
    const { agents } = await site().hub.getJson<AgentsView>('/api/v1/agents');
    expect(agents).toMatchObject([{ hostId, isCurrent: true, version: '9.0.1' }]);
    // Also after it is started anew.
    await shell(`kill -9 $(${ofAgent})`);
    await eventually(async () => (await host()).agent?.startedAt !== now.agent?.startedAt);
    expect((await host()).agent?.version).toBe('9.0.1');
  });

  test('goes back by itself from one that never reports, and the upgrade stops', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    writeFileSync(site().agentFile, '#!/usr/bin/env node\n// gpufleet-agent 9.0.2\nfor (;;);\n');
    await site().post<Rollout>('/api/v1/agent-rollouts', { trialSeconds: 5 });
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

  test('is paused by the command that lies beside it, also through the hook, and goes on', async ({
    skip,
  }) => {
    if (typeof found === 'string') skip(found);
    const until = (wanted: string) =>
      eventually(async () => {
        const now = await site().shown();
        return now.state === wanted ? now : null;
      });
    for (const [pause, resume] of [
      ['/opt/gpufleet-agent/agent pause --for 5m --reason "a b"', '/opt/gpufleet-agent/agent resume'],
      ['/checkout/deploy/hooks/let-go pause "a b" 5m', '/checkout/deploy/hooks/let-go resume'],
    ] as const) {
      const paused = await shell(pause);
      expect(paused, paused.stderr).toMatchObject({ code: 0, stderr: '' });
      expect((await until('paused')).pause).toMatchObject({ by: 'root', reason: 'a b' });
      expect(await shell(resume)).toMatchObject({ code: 0, stderr: '' });
      await until('ok');
    }
    expect((await shell('/opt/gpufleet-agent/agent --version')).stdout).toMatch(/^gpufleet-agent \d/);
  });

  test('the command again is an upgrade, of the same host', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    await offer('9.0.3');
    const { code, stderr } = await install(options);
    expect(code, stderr).toBe(0);
    const now = await eventually(async () => {
      const seen = await host();
      return seen.agent?.version === '9.0.3' ? seen : null;
    });
    expect(now.id).toBe(hostId);
    expect((await shell(ofAgent)).stdout.trim()).toMatch(/^\d+$/);
  });

  test('is gone after --uninstall', async ({ skip }) => {
    if (typeof found === 'string') skip(found);
    const { code, stderr } = await install('--uninstall');
    expect(code, stderr).toBe(0);
    expect((await shell(pids('gpufleet-agent'))).stdout).toBe('');
    for (const path of [
      'opt/gpufleet-agent',
      'etc/gpufleet-agent',
      'var/lib/gpufleet-agent',
      'run/gpufleet-agent.pid',
    ])
      expect(existsSync(join(site().debian.path, path)), path).toBe(false);
    expect((await shell('getent passwd gpufleet-agent gpufleet-docker')).stdout).toBe('');
    const left = await shell('find / -xdev -name "*gpufleet*" -not -path "/checkout/*" -not -path "/proc/*"');
    expect(left.stdout).toBe('');
  });
});
