import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { HostAccess } from '../access/host-access.ts';
import { createReplayAccess } from '../access/replay/index.ts';
import { takeCapture } from './take-capture.ts';

const recording = fileURLToPath(new URL('../access/simulated/hosts/a100x8', import.meta.url));
const exited = { outcome: 'exited', exitCode: 0, stdout: '', stderr: '', durationSeconds: 0 } as const;

/** Who only a directory knows, by uid, and where each keeps what runs. */
const directory: Readonly<Record<string, string>> = {
  '70000001': 'qalice:*:70000001:5000:Alice Quill:/nfs/users/qalice:/bin/bash\n',
  '70000002': 'CORP\\qbob:*:70000002:5000::/vol/b/quarklab:/bin/bash\n',
  '70000003': 'qcarol@corp.example:*:70000003:5000::/data/home/qcarol:/bin/bash\n',
};
const programs: readonly string[] = [
  '/nfs/users/qalice/hidden1/python',
  '/scratch/qalice/hidden2/python',
  '/vol/b/quarklab/hidden3/python',
  '/work/qbob/hidden4/python',
  '/data/home/qcarol/hidden5/python',
  '/mnt/qcarol/hidden6/python',
];

/** A host whose processes belong to people of a directory. */
async function directoryHost(getent: HostAccess['run']): Promise<HostAccess> {
  const played = await createReplayAccess(recording, { speed: 0 });
  const uids = Object.keys(directory);
  let programAt = 0;
  return {
    ...played,
    async run(command, options) {
      if (command[0] === 'getent') return getent(command, options);
      const result = await played.run(command, options);
      const stdout = result.stdout.replace(
        /(<process_name>)[^<]+/g,
        (_, open: string) => `${open}${programs[programAt++ % programs.length] ?? ''}`,
      );
      return { ...result, stdout };
    },
    async readFile(path, options) {
      const pid = /^\/proc\/(\d+)\/(?:status|mountinfo)$/.exec(path)?.[1];
      if (pid === undefined) return played.readFile(path, options);
      const uid = uids[Number(pid) % uids.length];
      return { outcome: 'read', text: `Name:\tpython\nUid:\t${uid}\t${uid}\n`, truncated: false };
    },
  };
}

test('owners that only a directory knows, and their folders wherever they are, are in nothing of a capture', async () => {
  const access = await directoryHost(async ([, , uid = '']) => ({
    ...exited,
    stdout: directory[uid] ?? '',
    exitCode: directory[uid] === undefined ? 2 : 0,
  }));
  const { archive, missing } = await takeCapture({ access, nvidiaSmiPath: null, dockerSocketPath: null });
  const text = gunzipSync(archive).toString('latin1');
  expect(text).toContain('<process_name>/');
  expect(text.match(/qalice|qbob|qcarol|quarklab|Quill|hidden\d|corp\.example/gi)).toBeNull();
  expect(missing).toEqual([]);
  await access.close();
}, 30_000);

test('a directory that gives no answer is told', async () => {
  const access = await directoryHost(async () => ({ ...exited, outcome: 'timeout', exitCode: null }));
  const { missing } = await takeCapture({ access, nvidiaSmiPath: null, dockerSocketPath: null });
  expect(missing).toEqual([
    expect.stringMatching(/^getent gave no answer for \d owners of processes: their names are not masked$/),
  ]);
  await access.close();
}, 30_000);
