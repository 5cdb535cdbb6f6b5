import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the tests run, and the Debian package that brings it. */
const programs = {
  '/usr/sbin/dockerd': 'docker.io',
  '/usr/bin/docker': 'docker.io',
  '/bin/busybox': 'busybox-static',
  '/usr/bin/chromium': 'chromium',
  '/usr/bin/prometheus': 'prometheus',
  '/usr/bin/promtool': 'prometheus',
  '/usr/bin/prometheus-alertmanager': 'prometheus-alertmanager',
  '/sbin/ip': 'iproute2',
  '/usr/bin/curl': 'curl',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/systemd-analyze': 'systemd',
  '/usr/sbin/sshd': 'openssh-server',
  '/usr/bin/ssh-agent': 'openssh-client',
  '/usr/sbin/debootstrap': 'debootstrap',
  '/usr/sbin/nginx': 'nginx',
  '/usr/bin/caddy': 'caddy',
  '/usr/bin/docker-registry': 'docker-registry',
  '/usr/bin/podman': 'podman',
} as const;

function missingPackages(): string[] {
  const missing = Object.entries(programs).filter(([program]) => !existsSync(program));
  return [...new Set(missing.map(([, name]) => name))].sort();
}

function apt(args: readonly string[]): boolean {
  const result = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // RUNLEVEL=1 keeps dpkg from starting the daemons: the tests start their own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    timeout: 10 * 60_000,
  });
  return result.status === 0;
}

/** Installs, as root, the Debian packages that the tests use. Resolves to null, or to a sentence that says what to do. */
export async function ensurePackages(): Promise<string | null> {
  const missing = missingPackages();
  if (missing.length === 0) return null;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    return `the tests need Debian packages that are missing; run: sudo ${command}`;
  console.log(`installing ${missing.join(', ')} …`);
  const lists = apt(['update', '-q']);
  const installed = apt(['install', '-q', '-y', '--no-install-recommends', ...missing]);
  const still = missingPackages();
  if (still.length === 0) return null;
  const why = lists && installed ? 'did not bring what the tests run' : 'failed; its messages are above';
  return `${command}: ${why} (missing: ${still.join(', ')})`;
}
