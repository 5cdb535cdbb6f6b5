import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type { SshHostsView, SshHostView, SshKeyView } from '../../lib/model/index.ts';
import { startCutLink } from './support/cut-link.ts';
import { dumpHistory } from './support/history-dump.ts';
import { openFilesOf, playersAt } from './support/open-files.ts';
import { patience } from './support/patience.ts';
import { recordedHost } from './support/played-agent.ts';
import { send } from './support/pusher.ts';
import { startSshServer } from './support/ssh-server.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub, type TestHub } from './support/test-hub.ts';

/** Ten hosts, each cut ten times. One has played GPUs; of the others nvidia-smi never answers, so it runs when the cut comes. */
const [hosts, rounds] = [10, 10];
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

let hub: TestHub;
let admin: string;
let folder: string;
let ids: readonly string[];
let links: readonly { readonly port: number; cut(): number }[];
/** On the command line of every program that the silent hosts run. */
const mark = String(900_000_000 + Math.floor(Math.random() * 99_999_999));

async function must<T>(method: string, where: string, body: object): Promise<T> {
  const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
  const answer = await send(`${hub.url}/api/v1/${where}`, { method, headers, body: JSON.stringify(body) });
  expect(answer.status, `${method} ${where}: ${answer.body}`).toBeLessThan(300);
  return JSON.parse(answer.body) as T;
}
const views = async (): Promise<readonly SshHostView[]> =>
  (await hub.getJson<SshHostsView>('/api/v1/ssh-hosts')).items;
const all = (state: SshHostView['state']) =>
  eventually(
    async () => {
      const other = (await views()).find((view) => view.state !== state);
      if (other !== undefined) throw new Error(`${other.state}: ${other.condition?.text}`);
      return true;
    },
    { seconds: 40, what: `all ${state}` },
  );
const settingsOf = ({ address, port, user, jumps, keyId, intervalSeconds }: SshHostView) => ({
  address,
  port,
  user,
  jumps,
  keyId,
  intervalSeconds,
});

/** A process and those of its group with their states, for who reads that one is left. */
function familyOf(pid: number): string {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,pgid=,stat=,wchan:20=,etimes=,args='], {
    encoding: 'utf8',
  });
  const rows = stdout.split('\n').map((row) => row.trim());
  const group = rows.find((row) => row.startsWith(`${pid} `))?.split(/\s+/)[2];
  const family = rows.filter((row) => row.split(/\s+/)[2] === group);
  return family.map((row) => row.slice(0, 120)).join(' | ');
}

/** Programs over there, of all hosts. */
function running(): readonly number[] {
  const marked = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
  return [...marked.map(Number), ...playersAt(join(folder, 'player'))];
}
/** Reading begins anew, whatever a host was doing. */
const beginAgain = async (view: SshHostView): Promise<void> => {
  await must('PUT', `ssh-hosts/${view.id}`, settingsOf(view));
};
/**
 * Each silent host asks something, and the played one has its stream. On a machine that does much else a silent host has
 * given up by the time that the last one is read, and asks again after a while: then they begin together once more.
 */
async function allRun(): Promise<void> {
  let beganAt = performance.now();
  await eventually(
    async () => {
      if (running().length > hosts) return true;
      if (performance.now() - beganAt < 20_000) return false;
      for (const view of (await views()).filter(({ id }) => id !== ids[0])) await beginAgain(view);
      await all('reading');
      beganAt = performance.now();
      return running().length > hosts;
    },
    { seconds: 60, what: 'programs of every host' },
  );
}

/** A reading of the played host over the connection that it has now. */
async function readAgain(): Promise<void> {
  const [read] = await views();
  await eventually(async () => (await views())[0]?.lastReadAt !== read?.lastReadAt, {
    what: 'another reading',
  });
}

beforeAll(async () => {
  folder = temporaryFolder(cleanup, 'hub-ssh-cuts');
  await writePlayer(join(folder, 'player'), { recording: recordedHost('rtx4090x4'), motion: false });
  const silent = temporaryFolder(cleanup, 'silent');
  writeFileSync(join(silent, 'nvidia-smi'), `#!/bin/sh\nexec sleep ${mark}\n`, { mode: 0o755 });
  const server = (programs: string) =>
    startSshServer(cleanup, {
      lines: [`SetEnv PATH=${programs}:/usr/local/bin:/usr/bin:/bin HOME=${folder}`, 'MaxStartups 100'],
    });
  const [played, still] = await Promise.all([server(join(folder, 'player')), server(silent)]);
  hub = await startTestHub(cleanup);
  admin = await hub.apiToken('admin');
  const key = await must<SshKeyView>('POST', 'ssh-keys', { name: 'main', path: null, passphrase: null });
  writeFileSync(join(folder, 'key.pub'), `${key.publicLine}\n`);
  for (const each of [played, still]) each.authorize(join(folder, 'key'));
  links = await Promise.all(
    Array.from({ length: hosts }, (_, at) => startCutLink(cleanup, (at === 0 ? played : still).port)),
  );
  const added = [];
  for (const { port } of links) {
    const settings = { address: '127.0.0.1', port, user: played.user, jumps: [], keyId: key.id };
    added.push(await must<SshHostView>('POST', 'ssh-hosts', { ...settings, intervalSeconds: 1 }));
  }
  ids = added.map(({ id }) => id);
  await all('waiting-for-key');
  for (const { id, offeredKey } of await views())
    await must('POST', `ssh-hosts/${id}/accept-key`, { fingerprint: offeredKey?.fingerprint });
  await all('reading');
});

async function timers(): Promise<number> {
  const text = await hub.getText('/metrics/hub');
  const found = /^gpufleet_hub_nodejs_active_resources\{[^}]*type="Timeout"[^}]*\} (\d+)/m.exec(text);
  if (found === null) throw new Error('the hub tells no number of timers');
  return Number(found[1]);
}

test('after 100 cuts nothing is left over there, nothing has leaked here, and history has exactly these gaps', async () => {
  await allRun();
  const before = { files: openFilesOf(hub.pid).length, timers: await timers() };
  const cutAt: number[] = [];
  let cuts = 0;
  for (let round = 0; round < rounds; round += 1) {
    await readAgain();
    await allRun();
    const cutOff = new Set(running());
    cutAt.push(Date.now());
    for (const link of links) expect(link.cut()).toBeGreaterThan(0);
    cuts += links.length;
    await eventually(
      () => {
        const left = running().filter((pid) => cutOff.has(pid));
        if (left.length > 0) throw new Error(`left: ${left.map(familyOf).join('; ')}`);
        return true;
      },
      { seconds: 20, what: 'what ran over there to be gone' },
    );
    // Who is not back by itself yet is not waited for: a change of settings begins anew.
    for (const view of await views())
      if (view.state === 'failing') {
        expect(view.condition?.code).toBe('cut');
        await beginAgain(view);
      }
    await all('reading');
  }
  expect(cuts).toBe(hosts * rounds);
  await allRun();
  await readAgain();
  await eventually(
    async () => {
      expect(openFilesOf(hub.pid).length, `${before.files} before`).toBeLessThanOrEqual(before.files + 4);
      expect(await timers(), `${before.timers} before`).toBeLessThanOrEqual(before.timers + hosts);
      return true;
    },
    { seconds: 10, what: 'descriptors and timers as before' },
  );
  await hub.stop();
  await eventually(() => running().length === 0, { seconds: 20, what: 'nothing over there' });
  checkGaps(cutAt);
}, 480_000);

/** Between two cuts every reading is there, one after the other; none was taken between a cut and the next connection. */
function checkGaps(cutAt: readonly number[]): void {
  const rows = dumpHistory(join(hub.dataFolder, 'history.sqlite')).raw.flatMap((row) => {
    const [host = '', epoch = '', sequence = '', taken = ''] = row.split(/\s/);
    return host === ids[0] ? [{ epoch, sequence: Number(sequence), taken: Number(taken) }] : [];
  });
  const began = new Set<number>();
  for (const run of Map.groupBy(rows, ({ epoch }) => epoch).values()) {
    const taken = run.map((each) => each.taken);
    const sequences = run.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_, at) => (sequences[0] ?? 0) + at));
    const before = cutAt.filter((at) => at < Math.min(...taken)).length;
    began.add(before);
    // A reading may have been on its way when the cut came; none of this connection is later.
    expect(Math.max(...taken)).toBeLessThan((cutAt[before] ?? Number.POSITIVE_INFINITY) + 1000 * patience);
  }
  expect([...began].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: cutAt.length + 1 }, (_, at) => at),
  );
}
