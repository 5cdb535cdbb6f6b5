import { expect, test } from 'vitest';
import type { HostAccess } from '../../access/host-access.ts';
import { readSystem } from './read.ts';

const root = '30 1 259:1 / / rw,relatime - ext4 /dev/root rw\n';
const inContainer = (source: string): string =>
  `1 0 0:51 / / rw - overlay overlay rw,lowerdir=x\n9 1 8:1 ${source} /etc/hosts rw - ext4 /dev/sda1 rw\n`;
const image = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
const node = 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\n';

async function system(files: Record<string, string>) {
  const told: Record<string, string> = { '/proc/sys/kernel/osrelease': '6.8.0\n', ...files };
  const access = {
    async readFile(path: string) {
      const text = told[path];
      return text === undefined
        ? { outcome: 'absent', message: '' }
        : { outcome: 'read', text, truncated: false };
    },
    run: async () => ({
      outcome: 'exited',
      exitCode: 0,
      stdout: 'x86_64\n',
      stderr: '',
      durationSeconds: 0,
    }),
  } as unknown as HostAccess;
  const outcome = await readSystem(access);
  if (outcome.state !== 'ok') throw new Error(outcome.state);
  const { osName, printed } = outcome.value;
  return { osName, printed: printed.osName };
}

test('on a host it is its own', async () => {
  expect(await system({ '/proc/self/mountinfo': root, '/etc/os-release': node })).toEqual({
    osName: 'Ubuntu 24.04.3 LTS',
    printed: { form: 'file', name: '/etc/os-release', text: node.trim() },
  });
});

test.each([
  ['Docker', '/var/lib/docker/containers/abc/hosts'],
  ['Kubernetes', '/var/lib/kubelet/pods/abc/etc-hosts'],
  ['Podman', '/containers/overlay-containers/abc/userdata/hosts'],
])("in a container of %s the image's is not the host's", async (_, source) => {
  const files = { '/proc/self/mountinfo': inContainer(source), '/etc/os-release': image };
  expect((await system(files)).osName).toBeNull();
  expect(await system({ ...files, '/host/etc/os-release': node })).toEqual({
    osName: 'Ubuntu 24.04.3 LTS',
    printed: { form: 'file', name: '/host/etc/os-release', text: node.trim() },
  });
});
