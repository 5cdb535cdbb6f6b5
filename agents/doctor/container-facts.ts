import type { CdiFile, Fact } from '../../lib/doctor/index.ts';
import {
  type DockerDaemonConfig,
  type DockerInfo,
  isCdiSpec,
  parseCdiSpec,
  parseDockerDaemonConfig,
  parseDockerInfoAnswer,
  parseToolkitVersion,
} from '../../lib/host-facts/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { getJson } from '../collect/containers/read.ts';
import { absent, fileFact, folderFact, known, mapFact, notKnown, runFact } from './ask.ts';

const usualSocket = '/run/docker.sock';

/** Told not to ask Docker: whether it is here at all can be seen without asking it. */
async function unasked(access: HostAccess): Promise<Fact<never>> {
  const folder = await folderFact(access, '/run');
  const isSeenAbsent = folder.state === 'known' && !folder.value.includes('docker.sock');
  return isSeenAbsent ? absent(usualSocket) : notKnown(usualSocket, 'the agent is told not to ask Docker');
}

/** What Docker says of itself. `socketPath` null: it is not to be asked, so only its absence can be known. */
export async function readDockerInfo(
  access: HostAccess,
  socketPath: string | null,
): Promise<Fact<DockerInfo>> {
  if (socketPath === null) return unasked(access);
  const from = `GET /info of ${socketPath}`;
  const answer = await getJson(access, socketPath, '/info');
  if (answer.state === 'absent') return absent(from);
  if (answer.state !== 'ok') return notKnown(from, answer.failure?.message ?? answer.state);
  const info = parseDockerInfoAnswer(answer.value);
  return info === null ? notKnown(from, 'the answer is not understood') : known(from, info);
}

export const readDaemonConfig = (access: HostAccess): Promise<Fact<DockerDaemonConfig>> =>
  fileFact(access, '/etc/docker/daemon.json', (text) => {
    try {
      return parseDockerDaemonConfig(JSON.parse(text));
    } catch {
      return null;
    }
  });

export async function readToolkitVersion(access: HostAccess): Promise<Fact<string>> {
  const command = ['nvidia-ctk', '--version'] as const;
  const from = command.join(' ');
  return mapFact(await runFact(access, command), ({ stdout }) => {
    const version = parseToolkitVersion(stdout);
    return version === null ? notKnown(from, 'it names no version') : known(from, version);
  });
}

const cdiFolders = ['/etc/cdi', '/var/run/cdi'] as const;
const mostFiles = 32;
const mostSpecBytes = 2 * 1024 * 1024;

/** Absent: there is no specification of NVIDIA's. One that cannot be read is no reason to be quiet about the others. */
export async function readCdiFiles(access: HostAccess): Promise<Fact<readonly CdiFile[]>> {
  const from = cdiFolders.join(' and ');
  const folders = await Promise.all(cdiFolders.map((path) => folderFact(access, path)));
  const paths = folders.flatMap((folder, at) =>
    folder.state === 'known'
      ? folder.value
          .filter((name) => /\.(?:ya?ml|json)$/.test(name))
          .map((name) => `${cdiFolders[at]}/${name}`)
      : [],
  );
  const read = await Promise.all(
    paths
      .sort()
      .slice(0, mostFiles)
      .map(async (path) => ({
        path,
        spec: await fileFact(
          access,
          path,
          (text) => (isCdiSpec(text) ? parseCdiSpec(text) : null),
          mostSpecBytes,
        ),
      })),
  );
  const files = read.flatMap(({ path, spec }) =>
    spec.state === 'known' ? [{ path, spec: spec.value }] : [],
  );
  if (files.length > 0) return known(from, files);
  const refused = [...folders, ...read.map(({ spec }) => spec)].find(({ state }) => state === 'unknown');
  return refused?.state === 'unknown' ? notKnown(refused.from, refused.why) : absent(from);
}
