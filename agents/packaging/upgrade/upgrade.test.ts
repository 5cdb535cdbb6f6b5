import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type UpgradeOffer, upgradeText } from '../../../lib/model/index.ts';
import { currentLaunch, launch, notLoaded } from './launch.ts';
import { agentFile, emptyRecord, readRecord, type Trial, upgradeFolder, writeRecord } from './record.ts';
import { createUpgrader } from './upgrader.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');
function offerOf(text: string, serial = 1, signer = privateKey): UpgradeOffer {
  const signed = { serial, version: `1.0.${serial}`, sha256: sumOf(text), sizeBytes: text.length };
  const signature = sign(null, Buffer.from(upgradeText(signed)), signer).toString('base64');
  return { ...signed, signature, trialSeconds: 60 };
}

let folder = '';
let installed = '';
const start = () =>
  launch({
    argv: ['--hub', 'https://x', '--state-dir', folder, '--upgrade-key', key],
    env: {},
    ownFile: installed,
    version: '1.0.0',
  });
const forget = () => Reflect.deleteProperty(globalThis, Symbol.for('gpufleet.agent.launch'));
const keep = (trial: Partial<Trial> & Pick<Trial, 'offer'>, text: string) => {
  const whole = { startedAtMillis: Date.now(), starts: 0, ...trial };
  writeRecord(folder, { ...emptyRecord, base: sumOf('installed'), trial: whole, highestSerial: 1 });
  writeFileSync(agentFile(folder, whole.offer.sha256), text);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-upgrade-'));
  installed = join(folder, 'installed.mjs');
  writeFileSync(installed, 'installed');
});
afterEach(() => {
  currentLaunch()?.settled();
  forget();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('the installed agent at its start', () => {
  test('runs itself until it was upgraded, and only with the key', () => {
    expect(start()).toBeNull();
    expect(currentLaunch()).toMatchObject({ sha256: sumOf('installed'), trial: null });
    forget();
    expect(launch({ argv: ['--state-dir', folder], env: {}, ownFile: installed, version: '1' })).toBeNull();
    expect(currentLaunch()).toBeNull();
  });

  test('runs what is on trial, counts, and takes it back when it ended too often', () => {
    const offer = offerOf('new');
    keep({ offer }, 'new');
    for (let starts = 1; starts <= 4; starts += 1) {
      expect(start()).toBe(agentFile(folder, offer.sha256));
      expect(readRecord(folder).trial?.starts).toBe(starts);
      currentLaunch()?.settled();
      forget();
    }
    expect(start()).toBeNull();
    expect(readRecord(folder)).toMatchObject({
      trial: null,
      last: { state: 'rolled-back', message: 'it ended 4 times before a report was accepted' },
    });
  });

  test.each([
    [
      'its time is over',
      { startedAtMillis: Date.now() - 61_000 },
      'new',
      'no report was accepted within 60 s',
    ],
    ['the clock was set back', { startedAtMillis: Date.now() + 60_000 }, 'new', 'no report was accepted'],
    ['the file was changed', {}, 'changed', 'is not the file that was signed'],
  ])('takes it back when %s', (_, trial, text, why) => {
    keep({ offer: offerOf('new'), ...trial }, text);
    expect(start()).toBeNull();
    expect(readRecord(folder).last?.message).toContain(why);
  });

  test('runs nothing that another key signed, though somebody wrote it into the folder', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const offer = offerOf('new', 1, other);
    keep({ offer }, 'new');
    expect(start()).toBeNull();
    writeRecord(folder, { ...emptyRecord, base: sumOf('installed'), current: offer });
    forget();
    expect(start()).toBeNull();
  });

  test('an upgrade of another installed agent counts no more', () => {
    const offer = offerOf('new');
    writeRecord(folder, { ...emptyRecord, base: sumOf('one before'), current: offer });
    writeFileSync(agentFile(folder, offer.sha256), 'new');
    expect(start()).toBeNull();
    expect(readRecord(folder).current).toBeNull();
  });

  test('one that cannot even be loaded is taken back at once', () => {
    keep({ offer: offerOf('new') }, 'new');
    expect(start()).not.toBeNull();
    notLoaded('SyntaxError');
    expect(readRecord(folder)).toMatchObject({ trial: null, last: { state: 'rolled-back' } });
  });

  test('on trial it never ends with the code after which nothing starts it again', () => {
    const offer = offerOf('new');
    keep({ offer }, 'new');
    const module = new URL('launch.ts', import.meta.url).href;
    const argv = JSON.stringify(['--state-dir', folder, '--upgrade-key', key]);
    const script = `const { launch } = await import('${module}'); launch({ argv: ${argv}, env: {}, ownFile: '${installed}', version: '1' }); process.exit(2);`;
    const run = () => spawnSync(process.execPath, ['--input-type=module', '-e', script]).status;
    expect(run()).toBe(1);
    writeRecord(folder, { ...emptyRecord, base: sumOf('installed'), current: offer });
    expect(run()).toBe(2);
  });

  test('a record that is no record leaves the installed agent as it is', () => {
    writeRecord(folder, emptyRecord);
    for (const text of ['', 'null', '[]', '{"trial":{}}', '{"current":7}']) {
      writeFileSync(join(upgradeFolder(folder), 'record.json'), text);
      expect(start()).toBeNull();
      forget();
    }
  });
});

describe('an upgrader', () => {
  const logged: string[] = [];
  const upgrader = (fetchFile: (path: string) => Promise<Buffer>, restart = vi.fn()) => {
    start();
    const found = currentLaunch();
    if (found === null) throw new Error('nothing was launched');
    return {
      restart,
      made: createUpgrader({ launch: found, fetchFile, restart, log: (line) => logged.push(line) }),
    };
  };

  test('fetches, checks, and asks to be started again', async () => {
    const offer = offerOf('new');
    const { made, restart } = upgrader(async (path) => {
      expect(path).toBe(`/agent/files/${offer.sha256}.mjs`);
      return Buffer.from('new');
    });
    made.offer(offer);
    expect(made.state.upgrade).toMatchObject({ serial: 1, state: 'fetching' });
    await vi.waitFor(() => expect(restart).toHaveBeenCalledOnce());
    expect(readFileSync(agentFile(folder, offer.sha256), 'utf8')).toBe('new');
    expect(readRecord(folder)).toMatchObject({ trial: { offer, starts: 0 }, highestSerial: 1 });
    made.stop();
  });

  test('takes no offer twice, none that is older, and none of another hub', async () => {
    const fetchFile = vi.fn(async () => Buffer.from('new'));
    writeRecord(folder, { ...emptyRecord, highestSerial: 5 });
    const { made } = upgrader(fetchFile);
    made.offer(offerOf('new', 5));
    made.offer(offerOf('new', 4));
    made.offer({ serial: 9 });
    made.offer(null);
    expect(made.state.upgrade).toBeNull();
    made.offer(offerOf('new', 6, generateKeyPairSync('ed25519').privateKey));
    expect(made.state.upgrade).toMatchObject({ serial: 6, state: 'refused' });
    expect(fetchFile).not.toHaveBeenCalled();
  });

  test('gives up on a file that is not the signed one', async () => {
    const { made, restart } = upgrader(async () => Buffer.from('evil'));
    for (let tries = 0; tries < 3; tries += 1) {
      made.offer(offerOf('new'));
      await vi.waitFor(() => expect(made.state.upgrade?.state).not.toBe('fetching'));
    }
    expect(made.state.upgrade).toMatchObject({ state: 'refused' });
    expect(existsSync(agentFile(folder, sumOf('new')))).toBe(false);
    expect(restart).not.toHaveBeenCalled();
  });

  test('keeps what is on trial when a report of it is accepted, and removes what nobody needs', () => {
    const offer = offerOf('new');
    keep({ offer }, 'new');
    writeFileSync(agentFile(folder, sumOf('older')), 'older');
    const { made, restart } = upgrader(async () => Buffer.alloc(0));
    expect(made.state.upgrade?.state).toBe('trial');
    made.accepted();
    expect(made.state).toMatchObject({ sha256: offer.sha256, upgrade: { state: 'done' } });
    expect(readRecord(folder)).toMatchObject({ current: offer, trial: null });
    expect(existsSync(agentFile(folder, sumOf('older')))).toBe(false);
    expect(restart).not.toHaveBeenCalled();
    made.stop();
  });

  test('takes itself back when no report is accepted in time', () => {
    vi.useFakeTimers();
    keep({ offer: offerOf('new') }, 'new');
    const { made, restart } = upgrader(async () => Buffer.alloc(0));
    vi.advanceTimersByTime(59_000);
    expect(restart).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2000);
    expect(restart).toHaveBeenCalledOnce();
    expect(readRecord(folder)).toMatchObject({ trial: null, current: null, last: { state: 'rolled-back' } });
    made.stop();
  });

  test('on a full disk it says so and tries again by itself, ever more seldom, until there is room', async () => {
    vi.useFakeTimers();
    const offer = offerOf('new');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    let hasRoom = false;
    const fetchFile = vi.fn(async () => {
      if (!hasRoom) throw full;
      return Buffer.from('new');
    });
    const { made, restart } = upgrader(fetchFile);
    made.offer(offer);
    for (const [seconds, tries] of [
      [0, 1],
      [30, 2],
      [60, 3],
      [120, 4],
      [240, 5],
    ] as const) {
      await vi.advanceTimersByTimeAsync(seconds * 1000);
      expect(fetchFile).toHaveBeenCalledTimes(tries);
      expect(made.state.upgrade).toMatchObject({
        serial: 1,
        state: 'fetching',
        message: expect.stringContaining('disk full'),
      });
    }
    // The hub offers it again: that is no reason to try more often.
    made.offer(offer);
    expect(fetchFile).toHaveBeenCalledTimes(5);
    expect(restart).not.toHaveBeenCalled();
    hasRoom = true;
    await vi.advanceTimersByTimeAsync(480_000);
    expect(restart).toHaveBeenCalledOnce();
    expect(made.state.upgrade?.state).toBe('trial');
    made.stop();
  });

  describe('whose record cannot be written', () => {
    /** As root no mode forbids it; a folder in the place of the file does. */
    const blocker = () => join(upgradeFolder(folder), 'record.json.new');

    test('begins no trial, ends nothing, and takes the upgrade when there is room again', async () => {
      const offer = offerOf('new');
      mkdirSync(blocker(), { recursive: true });
      const { made, restart } = upgrader(async () => Buffer.from('new'));
      made.offer(offer);
      await vi.waitFor(() => expect(made.state.upgrade?.state).not.toBe('fetching'));
      expect(made.state.upgrade).toBeNull();
      expect(restart).not.toHaveBeenCalled();
      expect(logged.at(-1)).toContain('the record of upgrades cannot be written');
      rmSync(blocker(), { recursive: true });
      made.offer(offer);
      await vi.waitFor(() => expect(restart).toHaveBeenCalledOnce());
      expect(readRecord(folder).trial?.offer).toEqual(offer);
      made.stop();
    });

    test('refuses all the same, and goes back all the same', () => {
      vi.useFakeTimers();
      keep({ offer: offerOf('new') }, 'new');
      const { made, restart } = upgrader(async () => Buffer.alloc(0));
      mkdirSync(blocker());
      vi.advanceTimersByTime(61_000);
      expect(restart).toHaveBeenCalledOnce();
      made.offer(offerOf('newer', 2, generateKeyPairSync('ed25519').privateKey));
      expect(made.state.upgrade).toMatchObject({ serial: 2, state: 'refused' });
      made.stop();
    });

    test('keeps what was accepted with a later report', () => {
      const offer = offerOf('new');
      keep({ offer }, 'new');
      const { made } = upgrader(async () => Buffer.alloc(0));
      mkdirSync(blocker());
      const before = logged.length;
      made.accepted();
      made.accepted();
      expect(logged).toHaveLength(before + 1);
      expect(made.state.upgrade?.state).toBe('trial');
      rmSync(blocker(), { recursive: true });
      made.accepted();
      expect(readRecord(folder)).toMatchObject({ current: offer, trial: null });
      expect(made.state.upgrade?.state).toBe('done');
      made.stop();
    });
  });
});
